// Writes a record to a topic and reads it as a consumer group, with librdkafka (Debian: librdkafka-dev).
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <librdkafka/rdkafkacpp.h>

namespace {

std::unique_ptr<RdKafka::Conf> settings() {
  std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  const char* address = std::getenv("GODWIT_KAFKA");
  std::string problem;
  conf->set("bootstrap.servers", address != nullptr ? address : "localhost:9092", problem);
  return conf;
}

bool produce(const std::string& topic, const std::string& key, std::string value) {
  std::string problem;
  std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(settings().get(), problem));
  producer->produce(topic, RdKafka::Topic::PARTITION_UA, RdKafka::Producer::RK_MSG_COPY, value.data(), value.size(),
                    key.data(), key.size(), 0, nullptr);
  return producer->flush(10000) == RdKafka::ERR_NO_ERROR;  // the broker has it
}

bool consume(const std::string& topic) {
  std::string problem;
  const auto conf = settings();
  conf->set("group.id", "observers", problem);
  conf->set("auto.offset.reset", "earliest", problem);
  std::unique_ptr<RdKafka::KafkaConsumer> consumer(RdKafka::KafkaConsumer::create(conf.get(), problem));
  consumer->subscribe({topic});
  bool found = false;
  for (int turn = 0; turn < 100 && !found; ++turn) {
    std::unique_ptr<RdKafka::Message> record(consumer->consume(100));
    if (record->err() != RdKafka::ERR_NO_ERROR) continue;
    found = true;
    std::cout << "consumed: " << *record->key() << ' '
              << std::string(static_cast<const char*>(record->payload()), record->len()) << '\n';
    consumer->commitSync(record.get());
  }
  consumer->close();
  return found;
}

}  // namespace

int main() {
  if (!produce("sightings", "godwit", "Limosa lapponica")) return 1;
  std::cout << "produced: Limosa lapponica\n";
  return consume("sightings") ? 0 : 1;
}
