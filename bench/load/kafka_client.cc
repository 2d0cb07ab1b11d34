#include "load/kafka_client.h"

#include <array>

#include <fmt/format.h>

#include "load/process_usage.h"

namespace godwit::bench {
namespace {

constexpr int kAdminTimeoutMs = 30'000;

void check_topic_result(const rd_kafka_topic_result_t** results, size_t count, rd_kafka_resp_err_t tolerated) {
  for (size_t n = 0; n < count; ++n) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[n]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != tolerated) fail(rd_kafka_err2str(error));
  }
}

KafkaEvent await(rd_kafka_queue_t* queue) {
  KafkaEvent event(rd_kafka_queue_poll(queue, kAdminTimeoutMs));
  if (!event) fail("no answer to an admin request for 30 s");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_event_error_string(event.get()));
  return event;
}

}  // namespace

KafkaConf make_conf(const KafkaSettings& settings, const std::vector<std::string>& extra) {
  KafkaConf conf(rd_kafka_conf_new());
  std::vector<std::string> assignments = {"bootstrap.servers=" + settings.brokers};
  assignments.insert(assignments.end(), extra.begin(), extra.end());
  assignments.insert(assignments.end(), settings.overrides.begin(), settings.overrides.end());
  for (const std::string& assignment : assignments) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos) fail("not a setting: " + assignment);
    std::array<char, 512> error{};
    const auto outcome = rd_kafka_conf_set(conf.get(), assignment.substr(0, equals).c_str(),
                                           assignment.substr(equals + 1).c_str(), error.data(), error.size());
    if (outcome != RD_KAFKA_CONF_OK) fail(error.data());
  }
  return conf;
}

KafkaClient make_client(rd_kafka_type_t type, KafkaConf conf) {
  std::array<char, 512> error{};
  KafkaClient client(rd_kafka_new(type, conf.get(), error.data(), error.size()));
  if (!client) fail(error.data());
  (void)conf.release();  // the client owns it now
  return client;
}

void create_topic(const KafkaSettings& settings) {
  const KafkaClient client = make_client(RD_KAFKA_PRODUCER, make_conf(settings, {}));
  const KafkaQueue queue(rd_kafka_queue_new(client.get()));
  std::array<char, 512> error{};
  rd_kafka_NewTopic_t* topic =
      rd_kafka_NewTopic_new(settings.topic.c_str(), settings.partitions, 1, error.data(), error.size());
  if (topic == nullptr) fail(error.data());
  rd_kafka_CreateTopics(client.get(), &topic, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(topic);
  const KafkaEvent event = await(queue.get());
  size_t count = 0;
  const auto results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  check_topic_result(results, count, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
}

void delete_topic(const KafkaSettings& settings) {
  const KafkaClient client = make_client(RD_KAFKA_PRODUCER, make_conf(settings, {}));
  const KafkaQueue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(settings.topic.c_str());
  rd_kafka_DeleteTopics(client.get(), &topic, 1, nullptr, queue.get());
  rd_kafka_DeleteTopic_destroy(topic);
  const KafkaEvent event = await(queue.get());
  size_t count = 0;
  const auto results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  check_topic_result(results, count, RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace godwit::bench
