// What users of librdkafka rely on, through its C++ interface.
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include "admin.h"
#include "checks.h"
#include "edges.h"

namespace {

using namespace checks;
using std::chrono::milliseconds;

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
  const std::map<std::string, Settings> kinds{
      {"idempotent", {{"enable.idempotence", "true"}}}, {"acks=1", {{"acks", "1"}}}, {"acks=0", {{"acks", "0"}}}};
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
    check(strategy + ": one member gets every partition", eventually([&] {
            first.poll();
            return first.assigned() == 4;
          }));
    auto second = std::make_unique<Consumer>(settings);
    second->client->subscribe({topic});
    check(strategy + ": two members share the partitions",
          eventually(
              [&] {
                first.poll(10);
                second->poll(10);
                return first.assigned() == 2 && second->assigned() == 2;
              },
              milliseconds(30000)),
          std::to_string(first.assigned()));
    const auto distinct = [&] {
      std::set<std::string> values;
      for (const auto* member : {&first, second.get()}) {
        for (const auto& message : member->read) values.insert(text(*message));
      }
      return values.size();
    };
    check(strategy + ": together they read everything", eventually([&] {
            first.poll(10);
            second->poll(10);
            return distinct() == 400;
          }));
    second->client->commitSync();
    second.reset();
    check(strategy + ": a member that leaves hands over", eventually(
                                                              [&] {
                                                                first.poll();
                                                                return first.assigned() == 4;
                                                              },
                                                              milliseconds(30000)));
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
      for (const auto& message : third.read)
        if (message->partition() == 1) return message->offset();
      return int64_t{-1};
    };
    eventually([&] {
      third.poll();
      return from_one() >= 0;
    });
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
  check("an offset out of range is told", eventually([&] {
          strict.poll();
          return strict.error == RdKafka::ERR__AUTO_OFFSET_RESET;
        }),
        RdKafka::err2str(strict.error));
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
  check("an unknown topic is told", eventually([&] {
          lost.poll();
          return lost.error == RdKafka::ERR_UNKNOWN_TOPIC_OR_PART;
        }),
        RdKafka::err2str(lost.error));
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
      do {
        producer.client->poll(sent % 20 == 0 ? 2 : 0);
      } while (producer.client->outq_len() > 5000);
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
  eventually(
      [&] {
        consumer->poll();
        return consumer->read.size() > sent;
      },
      milliseconds(300));
  check_equal("nothing acked is lost or doubled", consumer->read.size(), sent);
}

}  // namespace

int main() {
  checks::run({{"records", records},
               {"producers", producers},
               {"groups", groups},
               {"positions", positions},
               {"administration", administration},
               {"restart", restart}},
              std::chrono::seconds(200));
}
