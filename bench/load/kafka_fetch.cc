#include <array>

#include <fmt/format.h>

#include "load/json_line.h"
#include "load/kafka_client.h"
#include "load/process_usage.h"

namespace godwit::bench {
namespace {

constexpr int64_t kStuckNs = 60'000'000'000;

struct Fetched {
  uint64_t messages = 0;
  uint64_t body_bytes = 0;
};

void take(rd_kafka_message_t* message, Fetched& fetched) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(fmt::format("fetch: {}", rd_kafka_err2str(message->err)));
  ++fetched.messages;
  fetched.body_bytes += message->len;
  rd_kafka_message_destroy(message);
}

Fetched fetch_all(rd_kafka_queue_t* queue, uint64_t count) {
  std::array<rd_kafka_message_t*, 2048> batch{};
  Fetched fetched;
  int64_t last_ns = now_ns();
  while (fetched.messages < count) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue, 10, batch.data(), batch.size());
    if (got < 0) fail(rd_kafka_err2str(rd_kafka_last_error()));
    if (got > 0) last_ns = now_ns();
    if (now_ns() - last_ns > kStuckNs) fail(fmt::format("stuck after {} messages", fetched.messages));
    for (ssize_t n = 0; n < got; ++n) take(batch[static_cast<size_t>(n)], fetched);
  }
  return fetched;
}

}  // namespace

void run_fetch(const KafkaSettings& settings) {
  const KafkaClient client = make_client(RD_KAFKA_CONSUMER, make_conf(settings, {"group.id=bench"}));
  const KafkaTopic topic(rd_kafka_topic_new(client.get(), settings.topic.c_str(), nullptr));
  const KafkaQueue queue(rd_kafka_queue_new(client.get()));
  const int64_t begin_ns = now_ns();
  for (int partition = 0; partition < settings.partitions; ++partition) {
    if (rd_kafka_consume_start_queue(topic.get(), partition, RD_KAFKA_OFFSET_BEGINNING, queue.get()) != 0) {
      fail(rd_kafka_err2str(rd_kafka_last_error()));
    }
  }
  const Fetched fetched = fetch_all(queue.get(), settings.count);
  const double seconds = static_cast<double>(now_ns() - begin_ns) / 1e9;
  for (int partition = 0; partition < settings.partitions; ++partition) rd_kafka_consume_stop(topic.get(), partition);

  JsonLine line;
  line.text("mode", "fetch").count("messages", fetched.messages).count("body_bytes", fetched.body_bytes);
  line.number("seconds", seconds).number("msgs_per_s", static_cast<double>(fetched.messages) / seconds);
  line.number("client_cpu_s", process_cpu_s()).print();
}

}  // namespace godwit::bench
