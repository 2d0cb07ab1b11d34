// What users of librdkafka rely on, through its C++ interface.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Settings = std::map<std::string, std::string>;

int passed = 0;
int failed = 0;

void check(const std::string& name, bool holds, const std::string& detail = "") {
    ++(holds ? passed : failed);
    std::cout << (holds ? "ok    " : "FAIL  ") << name << (holds ? "" : ": " + detail) << std::endl;
}

template <typename A, typename B>
void check_equal(const std::string& name, const A& got, const B& expected) {
    std::ostringstream detail;
    detail << "got " << got << ", expected " << expected;
    check(name, got == expected, detail.str());
}

[[noreturn]] void finish() {
    std::cout << passed << " passed, " << failed << " failed" << std::endl;
    std::_Exit(failed > 0 || passed == 0 ? 1 : 0);
}

bool eventually(const std::function<bool()>& condition, milliseconds timeout = milliseconds(15000)) {
    const auto deadline = steady_clock::now() + timeout;
    while (!condition()) {
        if (steady_clock::now() > deadline) return false;
    }
    return true;
}

std::string unique(const std::string& name) {
    static const std::string run = std::to_string(std::random_device{}());
    return "cpp." + name + "-" + run;
}

void require(const std::string& problem) {
    if (!problem.empty()) throw std::runtime_error(problem);
}

void restart_broker() {
    if (std::system(std::getenv("GODWIT_RESTART")) != 0) throw std::runtime_error("the broker did not restart");
}

std::unique_ptr<RdKafka::Conf> configuration(Settings settings) {
    std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
    settings.emplace("bootstrap.servers", std::getenv("GODWIT_KAFKA"));
    settings.emplace("log_level", "0");
    settings.emplace("reconnect.backoff.max.ms", "500");
    for (const auto& [key, value] : settings) {
        std::string problem;
        if (conf->set(key, value, problem) != RdKafka::Conf::CONF_OK) throw std::runtime_error(problem);
    }
    return conf;
}

/// Counts what the broker acknowledged; the payload of each is kept.
struct Reports : RdKafka::DeliveryReportCb {
    std::set<std::string> acked;
    std::map<RdKafka::ErrorCode, int> errors;
    int64_t last_offset = -1;

    void dr_cb(RdKafka::Message& message) override {
        if (message.err() != RdKafka::ERR_NO_ERROR) {
            ++errors[message.err()];
            return;
        }
        acked.emplace(static_cast<const char*>(message.payload()), message.len());
        last_offset = message.offset();
    }
};

struct Producer {
    Reports reports;
    std::unique_ptr<RdKafka::Producer> client;

    explicit Producer(const Settings& settings = {}) {
        auto conf = configuration(settings);
        std::string problem;
        conf->set("dr_cb", &reports, problem);
        client.reset(RdKafka::Producer::create(conf.get(), problem));
        require(problem);
    }

    void send(const std::string& topic, const std::string& value, int32_t partition = RdKafka::Topic::PARTITION_UA,
              const std::string& key = "", int64_t timestamp = 0, RdKafka::Headers* headers = nullptr) {
        const auto code = client->produce(topic, partition, RdKafka::Producer::RK_MSG_COPY | RdKafka::Producer::RK_MSG_BLOCK,
                                          const_cast<char*>(value.data()), value.size(), key.data(), key.size(), timestamp,
                                          headers, nullptr);
        if (code != RdKafka::ERR_NO_ERROR) throw std::runtime_error(RdKafka::err2str(code));
    }

    void flush() { client->flush(15000); }
};

/// A consumer with what it has read so far.
struct Consumer {
    std::unique_ptr<RdKafka::KafkaConsumer> client;
    std::vector<std::unique_ptr<RdKafka::Message>> read;
    RdKafka::ErrorCode error = RdKafka::ERR_NO_ERROR;

    explicit Consumer(Settings settings) {
        settings.emplace("auto.offset.reset", "earliest");
        settings.emplace("enable.auto.commit", "false");
        settings.emplace("session.timeout.ms", "6000");
        settings.emplace("heartbeat.interval.ms", "300");
        std::string problem;
        client.reset(RdKafka::KafkaConsumer::create(configuration(settings).get(), problem));
        require(problem);
    }
    ~Consumer() { client->close(); }

    void poll(int timeout_ms = 50) {
        std::unique_ptr<RdKafka::Message> message(client->consume(timeout_ms));
        if (message->err() == RdKafka::ERR_NO_ERROR) {
            read.push_back(std::move(message));
        } else if (message->err() != RdKafka::ERR__TIMED_OUT) {
            error = message->err();
        }
    }

    size_t assigned() const {
        std::vector<RdKafka::TopicPartition*> partitions;
        client->assignment(partitions);
        const size_t count = partitions.size();
        RdKafka::TopicPartition::destroy(partitions);
        return count;
    }

    void assign(const std::string& topic, int partitions, int64_t offset) {
        std::vector<RdKafka::TopicPartition*> wanted;
        for (int number = 0; number < partitions; ++number) {
            wanted.push_back(RdKafka::TopicPartition::create(topic, number, offset));
        }
        client->assign(wanted);
        RdKafka::TopicPartition::destroy(wanted);
    }
};

std::string text(const RdKafka::Message& message) {
    return {static_cast<const char*>(message.payload()), message.len()};
}

std::unique_ptr<Consumer> reader(const std::string& topic, int partitions, size_t count) {
    auto consumer = std::make_unique<Consumer>(Settings{{"group.id", "unused"}});
    consumer->assign(topic, partitions, RdKafka::Topic::OFFSET_BEGINNING);
    eventually([&] { consumer->poll(); return consumer->read.size() >= count; });
    return consumer;
}

/// Runs one admin request and answers the code of its only result.
RdKafka::ErrorCode administer(rd_kafka_t* client, const std::function<void(rd_kafka_queue_t*)>& request,
                              const std::function<rd_kafka_resp_err_t(rd_kafka_event_t*)>& result) {
    std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> queue(rd_kafka_queue_new(client),
                                                                              rd_kafka_queue_destroy);
    request(queue.get());
    std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> event(rd_kafka_queue_poll(queue.get(), 15000),
                                                                              rd_kafka_event_destroy);
    if (!event) return RdKafka::ERR__TIMED_OUT;
    if (rd_kafka_event_error(event.get()) != 0) return static_cast<RdKafka::ErrorCode>(rd_kafka_event_error(event.get()));
    return static_cast<RdKafka::ErrorCode>(result(event.get()));
}

RdKafka::ErrorCode create_topic(Producer& producer, const std::string& name, int partitions, const Settings& configs = {}) {
    rd_kafka_t* client = producer.client->c_ptr();
    char problem[256] = "";
    rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, problem, sizeof problem);
    require(problem);
    for (const auto& [key, value] : configs) rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
    const auto code = administer(
        client, [&](rd_kafka_queue_t* queue) { rd_kafka_CreateTopics(client, &topic, 1, nullptr, queue); },
        [](rd_kafka_event_t* event) {
            size_t count = 0;
            const auto* result = rd_kafka_event_CreateTopics_result(event);
            return rd_kafka_topic_result_error(rd_kafka_CreateTopics_result_topics(result, &count)[0]);
        });
    rd_kafka_NewTopic_destroy(topic);
    return code;
}

RdKafka::ErrorCode delete_topic(Producer& producer, const std::string& name) {
    rd_kafka_t* client = producer.client->c_ptr();
    rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name.c_str());
    const auto code = administer(
        client, [&](rd_kafka_queue_t* queue) { rd_kafka_DeleteTopics(client, &topic, 1, nullptr, queue); },
        [](rd_kafka_event_t* event) {
            size_t count = 0;
            const auto* result = rd_kafka_event_DeleteTopics_result(event);
            return rd_kafka_topic_result_error(rd_kafka_DeleteTopics_result_topics(result, &count)[0]);
        });
    rd_kafka_DeleteTopic_destroy(topic);
    return code;
}

std::string described_config(Producer& producer, const std::string& topic, const std::string& key) {
    rd_kafka_t* client = producer.client->c_ptr();
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    std::string value = "absent";
    administer(
        client, [&](rd_kafka_queue_t* queue) { rd_kafka_DescribeConfigs(client, &resource, 1, nullptr, queue); },
        [&](rd_kafka_event_t* event) {
            size_t resources = 0;
            size_t entries = 0;
            const auto* found =
                rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &resources)[0];
            const auto** configs = rd_kafka_ConfigResource_configs(found, &entries);
            for (size_t at = 0; at < entries; ++at) {
                if (key == rd_kafka_ConfigEntry_name(configs[at])) value = rd_kafka_ConfigEntry_value(configs[at]);
            }
            return RD_KAFKA_RESP_ERR_NO_ERROR;
        });
    rd_kafka_ConfigResource_destroy(resource);
    return value;
}

void records() {
    Producer producer;
    const auto topic = unique("records");
    create_topic(producer, topic, 2);
    auto* headers = RdKafka::Headers::create();
    headers->add("a", std::string("1"));
    headers->add("a", std::string("2"));
    headers->add("null", nullptr, 0);
    producer.send(topic, std::string("\0\xff", 2), 1, "k", 1750000000123, headers);
    producer.flush();
    check_equal("first offset", producer.reports.last_offset, 0);
    auto consumer = reader(topic, 2, 1);
    auto& got = *consumer->read.at(0);
    check_equal("value", text(got), std::string("\0\xff", 2));
    check_equal("key", *got.key(), "k");
    check_equal("partition", got.partition(), 1);
    check_equal("timestamp", got.timestamp().timestamp, 1750000000123);
    const auto all = got.headers()->get_all();
    check("headers, duplicates and order", all.size() == 3 && all[0].key() == "a" && all[1].key() == "a" &&
                                               std::string(all[1].value_string()) == "2" && all[2].value() == nullptr);
    for (int number = 0; number < 1000; ++number) producer.send(topic, std::to_string(number), 0);
    producer.flush();
    auto later = reader(topic, 1, 1000);
    bool ordered = later->read.size() == 1000;
    for (size_t at = 0; at < later->read.size(); ++at) {
        ordered &= later->read[at]->offset() == static_cast<int64_t>(at) && text(*later->read[at]) == std::to_string(at);
    }
    check("1,000 records in order, without a gap", ordered, std::to_string(later->read.size()));
}

void producers() {
    for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        Producer producer({{"compression.type", codec}, {"linger.ms", "20"}});
        const auto topic = unique("codec-" + codec);
        create_topic(producer, topic, 1);
        for (int number = 0; number < 300; ++number) producer.send(topic, "the same text " + std::to_string(number));
        producer.flush();
        auto consumer = reader(topic, 1, 300);
        check("codec " + codec, consumer->read.size() == 300 && text(*consumer->read[299]) == "the same text 299",
              std::to_string(consumer->read.size()));
    }
    const std::map<std::string, Settings> kinds{{"idempotent", {{"enable.idempotence", "true"}}},
                                                {"acks=1", {{"acks", "1"}}}, {"acks=0", {{"acks", "0"}}}};
    for (const auto& [name, settings] : kinds) {
        Producer producer(settings);
        const auto topic = unique("producer" + std::to_string(name.size()) + name.substr(name.size() - 1));
        create_topic(producer, topic, 1);
        for (int number = 0; number < 500; ++number) producer.send(topic, std::to_string(number));
        producer.flush();
        check_equal(name + ": every report is good", producer.reports.acked.size(), 500u);
        check_equal(name + ": everything is there", reader(topic, 1, 500)->read.size(), 500u);
    }
}

void groups() {
    Producer producer;
    const auto topic = unique("group");
    create_topic(producer, topic, 4);
    for (int number = 0; number < 400; ++number) producer.send(topic, std::to_string(number), number % 4);
    producer.flush();
    for (const std::string strategy : {"range", "cooperative-sticky"}) {
        const Settings settings{{"group.id", unique("group." + strategy)}, {"partition.assignment.strategy", strategy}};
        Consumer first(settings);
        first.client->subscribe({topic});
        check(strategy + ": one member gets every partition", eventually([&] { first.poll(); return first.assigned() == 4; }));
        auto second = std::make_unique<Consumer>(settings);
        second->client->subscribe({topic});
        check(strategy + ": two members share the partitions",
              eventually([&] { first.poll(10); second->poll(10); return first.assigned() == 2 && second->assigned() == 2; },
                         milliseconds(30000)), std::to_string(first.assigned()));
        const auto distinct = [&] {
            std::set<std::string> values;
            for (const auto* member : {&first, second.get()}) {
                for (const auto& message : member->read) values.insert(text(*message));
            }
            return values.size();
        };
        check(strategy + ": together they read everything",
              eventually([&] { first.poll(10); second->poll(10); return distinct() == 400; }));
        second->client->commitSync();
        second.reset();
        check(strategy + ": a member that leaves hands over",
              eventually([&] { first.poll(); return first.assigned() == 4; }, milliseconds(30000)));
        std::vector<RdKafka::TopicPartition*> commit{RdKafka::TopicPartition::create(topic, 1, 97)};
        check_equal(strategy + ": commit", first.client->commitSync(commit), RdKafka::ERR_NO_ERROR);
        commit[0]->set_offset(-1);
        first.client->committed(commit, 10000);
        check_equal(strategy + ": committed", commit[0]->offset(), 97);
        RdKafka::TopicPartition::destroy(commit);
        first.client->close();
        Consumer third(settings);
        third.client->subscribe({topic});
        const auto from_one = [&] {
            for (const auto& message : third.read) if (message->partition() == 1) return message->offset();
            return int64_t{-1};
        };
        eventually([&] { third.poll(); return from_one() >= 0; });
        check_equal(strategy + ": a new member resumes at the commit", from_one(), 97);
    }
}

void positions() {
    Producer producer;
    const auto topic = unique("positions");
    create_topic(producer, topic, 1);
    for (int number = 0; number < 50; ++number) producer.send(topic, "x", 0, "", 1750000000000 + number * 1000);
    producer.flush();
    int64_t low = -1;
    int64_t high = -1;
    producer.client->query_watermark_offsets(topic, 0, &low, &high, 10000);
    check("watermarks", low == 0 && high == 50, std::to_string(low) + " " + std::to_string(high));
    std::vector<RdKafka::TopicPartition*> wanted{RdKafka::TopicPartition::create(topic, 0, 1750000020500)};
    producer.client->offsetsForTimes(wanted, 10000);
    check_equal("offset by time", wanted[0]->offset(), 21);
    RdKafka::TopicPartition::destroy(wanted);
    Consumer strict({{"group.id", "unused"}, {"auto.offset.reset", "error"}});
    strict.assign(topic, 1, 5000);
    check("an offset out of range is told",
          eventually([&] { strict.poll(); return strict.error == RdKafka::ERR__AUTO_OFFSET_RESET; }), RdKafka::err2str(strict.error));
}

void administration() {
    Producer producer;
    const auto topic = unique("admin");
    check_equal("create", create_topic(producer, topic, 3, {{"retention.ms", "54321"}, {"max.message.bytes", "600"}}),
                RdKafka::ERR_NO_ERROR);
    check_equal("config that was set", described_config(producer, topic, "retention.ms"), "54321");
    check_equal("an existing topic is refused", create_topic(producer, topic, 1), RdKafka::ERR_TOPIC_ALREADY_EXISTS);
    check_equal("an invalid name is refused", create_topic(producer, "no/slash", 1), RdKafka::ERR_TOPIC_EXCEPTION);
    RdKafka::Metadata* metadata = nullptr;
    producer.client->metadata(true, nullptr, &metadata, 10000);
    bool found = false;
    for (const auto* one : *metadata->topics()) found |= one->topic() == topic && one->partitions()->size() == 3;
    check("metadata lists it with its partitions", found);
    check_equal("one broker", metadata->brokers()->size(), 1u);
    delete metadata;
    producer.send(topic, std::string(2000, 'x'), 0);
    producer.flush();
    check_equal("a batch over max.message.bytes is refused", producer.reports.errors[RdKafka::ERR_MSG_SIZE_TOO_LARGE], 1);
    check_equal("delete", delete_topic(producer, topic), RdKafka::ERR_NO_ERROR);
    check("deleting it again is refused",
          eventually([&] { return delete_topic(producer, topic) == RdKafka::ERR_UNKNOWN_TOPIC_OR_PART; }));
    Consumer lost({{"group.id", unique("lost")}, {"allow.auto.create.topics", "false"}});
    lost.client->subscribe({unique("none")});
    check("an unknown topic is told",
          eventually([&] { lost.poll(); return lost.error == RdKafka::ERR_UNKNOWN_TOPIC_OR_PART; }), RdKafka::err2str(lost.error));
}

void restart() {
    Producer producer({{"enable.idempotence", "true"}, {"linger.ms", "1"}});
    const auto topic = unique("restart");
    create_topic(producer, topic, 2);
    std::atomic<bool> stop{false};
    std::atomic<size_t> acked{0};
    size_t sent = 0;
    std::thread sending([&] {
        for (; !stop; ++sent) {
            producer.send(topic, std::to_string(sent));
            producer.client->poll(sent % 20 == 0 ? 2 : 0);
            acked = producer.reports.acked.size();
        }
    });
    eventually([&] { return acked > 500; });
    restart_broker();
    const size_t before = acked;
    check("producing goes on after the restart", eventually([&] { return acked > before + 500; }, milliseconds(30000)));
    stop = true;
    sending.join();
    producer.flush();
    check_equal("an idempotent producer loses nothing", producer.reports.acked.size(), sent);
    auto consumer = reader(topic, 2, sent);
    eventually([&] { consumer->poll(); return consumer->read.size() > sent; }, milliseconds(300));
    check_equal("nothing acked is lost or doubled", consumer->read.size(), sent);
}

}  // namespace

int main() {
    std::thread([] {
        std::this_thread::sleep_for(std::chrono::seconds(200));
        check("the suite ends within 200 s", false, "still running");
        finish();
    }).detach();
    const std::vector<std::pair<std::string, std::function<void()>>> sections{
        {"records", records}, {"producers", producers}, {"groups", groups},
        {"positions", positions}, {"administration", administration}, {"restart", restart}};
    for (const auto& [name, section] : sections) {
        try {
            section();
        } catch (const std::exception& problem) {
            check(name, false, problem.what());
        }
    }
    finish();
}
