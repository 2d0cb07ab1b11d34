#pragma once

#include <memory>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "load/kafka_load.h"

namespace godwit::bench {

struct KafkaDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};

using KafkaClient = std::unique_ptr<rd_kafka_t, KafkaDeleter>;
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, KafkaDeleter>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, KafkaDeleter>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, KafkaDeleter>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, KafkaDeleter>;

/// librdkafka's defaults with the broker's address, then `extra`, then the settings' own overrides.
KafkaConf make_conf(const KafkaSettings& settings, const std::vector<std::string>& extra);

KafkaClient make_client(rd_kafka_type_t type, KafkaConf conf);

/// Creates the topic with the settings' partitions; one that exists already is no error. Ends the process on others.
void create_topic(const KafkaSettings& settings);
void delete_topic(const KafkaSettings& settings);

}  // namespace godwit::bench
