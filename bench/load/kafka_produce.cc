#include <random>

#include <fmt/format.h>

#include "load/json_line.h"
#include "load/kafka_client.h"
#include "load/process_usage.h"

namespace godwit::bench {
namespace {

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(fmt::format("not delivered: {}", rd_kafka_err2str(message->err)));
  ++*static_cast<uint64_t*>(opaque);
}

// The broker's answers are served every so many messages, and while librdkafka's queue is full.
constexpr uint64_t kPollEvery = 1024;

void enqueue(rd_kafka_t* client, rd_kafka_topic_t* topic, std::string& body) {
  // No copy: the same body serves every message and outlives them all.
  while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, 0, body.data(), body.size(), nullptr, 0, nullptr) != 0) {
    const rd_kafka_resp_err_t error = rd_kafka_last_error();
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(error));
    rd_kafka_poll(client, 10);
  }
}

std::string random_body(size_t bytes) {
  std::mt19937_64 random(1);
  std::string body(bytes, '\0');
  for (char& byte : body) byte = static_cast<char>(random());
  return body;
}

}  // namespace

void run_produce(const KafkaSettings& settings) {
  create_topic(settings);
  uint64_t delivered = 0;
  KafkaConf conf = make_conf(settings, {"acks=all"});
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  rd_kafka_conf_set_opaque(conf.get(), &delivered);
  const KafkaClient client = make_client(RD_KAFKA_PRODUCER, std::move(conf));
  const KafkaTopic topic(rd_kafka_topic_new(client.get(), settings.topic.c_str(), nullptr));
  std::string body = random_body(settings.body_bytes);

  const int64_t begin_ns = now_ns();
  const auto elapsed_s = [begin_ns] { return static_cast<double>(now_ns() - begin_ns) / 1e9; };
  uint64_t sent = 0;
  while (settings.count == 0 || sent < settings.count) {
    enqueue(client.get(), topic.get(), body);
    if (++sent % kPollEvery != 0) continue;
    rd_kafka_poll(client.get(), 0);
    if (settings.seconds_max > 0 && elapsed_s() >= settings.seconds_max) break;
  }
  if (rd_kafka_flush(client.get(), 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("not all delivered within 120 s");
  const double seconds = elapsed_s();
  if (delivered != sent) fail(fmt::format("{} of {} acknowledged", delivered, sent));

  JsonLine line;
  line.text("mode", "produce").count("messages", sent).number("seconds", seconds);
  line.number("msgs_per_s", static_cast<double>(sent) / seconds).number("client_cpu_s", process_cpu_s()).print();
}

}  // namespace godwit::bench
