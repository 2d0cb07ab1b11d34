// Topics made, deleted and described; librdkafka offers this in C alone.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <librdkafka/rdkafka.h>

#include "edges.h"

/// Runs one admin request and answers the code of its only result.
inline RdKafka::ErrorCode administer(rd_kafka_t* client, const std::function<void(rd_kafka_queue_t*)>& request,
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

inline RdKafka::ErrorCode create_topic(Producer& producer, const std::string& name, int partitions,
                                       const Settings& configs = {}) {
  rd_kafka_t* client = producer.client->c_ptr();
  char problem[256] = "";
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, problem, sizeof problem);
  checks::require(problem);
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

inline RdKafka::ErrorCode delete_topic(Producer& producer, const std::string& name) {
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

inline std::string described_config(Producer& producer, const std::string& topic, const std::string& key) {
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
