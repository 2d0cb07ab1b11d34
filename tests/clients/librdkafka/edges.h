// A producer, a consumer and a reader of librdkafka, in the short forms that the checks use.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <librdkafka/rdkafkacpp.h>

#include "checks.h"

using Settings = std::map<std::string, std::string>;

inline std::unique_ptr<RdKafka::Conf> configuration(Settings settings) {
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
    checks::require(problem);
  }

  void send(const std::string& topic, const std::string& value, int32_t partition = RdKafka::Topic::PARTITION_UA,
            const std::string& key = "", int64_t timestamp = 0, RdKafka::Headers* headers = nullptr) {
    const auto code = client->produce(
        topic, partition, RdKafka::Producer::RK_MSG_COPY | RdKafka::Producer::RK_MSG_BLOCK,
        const_cast<char*>(value.data()), value.size(), key.data(), key.size(), timestamp, headers, nullptr);
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
    checks::require(problem);
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

inline std::string text(const RdKafka::Message& message) {
  return {static_cast<const char*>(message.payload()), message.len()};
}

inline std::unique_ptr<Consumer> reader(const std::string& topic, int partitions, size_t count) {
  auto consumer = std::make_unique<Consumer>(Settings{{"group.id", "unused"}});
  consumer->assign(topic, partitions, RdKafka::Topic::OFFSET_BEGINNING);
  checks::eventually([&] {
    // What is there is read at once: a pause a message would make the time allowed a limit on their number.
    for (size_t had = count + 1; consumer->read.size() < count && consumer->read.size() != had;) {
      had = consumer->read.size();
      consumer->poll();
    }
    return consumer->read.size() >= count;
  });
  return consumer;
}
