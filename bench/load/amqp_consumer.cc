#include "load/amqp_consumer.h"

#include <fmt/format.h>

#include "load/process_usage.h"

namespace godwit::bench {
namespace {

constexpr int kPollMs = 20;
constexpr int64_t kStuckNs = 60'000'000'000;

class Consumer {
 public:
  Consumer(AmqpConnection& connection, const ConsumeOptions& options, int64_t start_ns)
      : connection_(connection), options_(options), start_ns_(start_ns) {}

  ConsumeOutcome run(const std::atomic<uint64_t>& target) {
    const double cpu_before_s = thread_cpu_s();
    outcome_.first_ns = outcome_.last_ns = now_ns();
    connection_.consume(options_.queue, options_.prefetch);
    connection_.socket().set_receive_timeout_ms(kPollMs);
    while (outcome_.messages < target.load(std::memory_order_relaxed)) read_once();
    ack(last_tag_);
    flush_acks();
    connection_.close();
    outcome_.cpu_s = thread_cpu_s() - cpu_before_s;
    return outcome_;
  }

 private:
  void read_once() {
    FrameReader& reader = connection_.reader();
    if (!reader.receive(connection_.socket(), true)) {
      if (now_ns() - outcome_.last_ns > kStuckNs) fail(fmt::format("stuck after {} deliveries", outcome_.messages));
      return;
    }
    outcome_.last_ns = now_ns();
    while (const auto frame = reader.next()) handle(*frame);
    flush_acks();
  }

  void handle(const Frame& frame) {
    if (frame.type == FrameType::kHeader) {
      body_left_ = read_integer(frame.payload, 4, 8);
      if (body_left_ == 0) complete();
    } else if (frame.type == FrameType::kBody) {
      body_left_ -= frame.payload.size();
      if (body_left_ == 0) complete();
    } else if (frame.type == FrameType::kMethod && frame.method() == Method::kBasicDeliver) {
      const std::string_view arguments = frame.arguments();
      last_tag_ = read_integer(arguments, 1 + static_cast<uint8_t>(arguments[0]), 8);
    } else {
      fail_if_closed(frame);
    }
  }

  void complete() {
    if (options_.rate_per_s > 0) {
      const double due_after_ns = static_cast<double>(outcome_.messages) * 1e9 / options_.rate_per_s;
      outcome_.deliver_ns.add(outcome_.last_ns - start_ns_ - static_cast<int64_t>(due_after_ns));
    }
    ++outcome_.messages;
    if (outcome_.messages % options_.ack_every == 0) ack(last_tag_);
  }

  void ack(uint64_t tag) {
    if (tag == acked_tag_) return;
    acked_tag_ = tag;
    acks_.begin(Method::kBasicAck, 1).u64(tag).u8(1).end();
  }

  void flush_acks() {
    if (acks_.bytes().empty()) return;
    connection_.socket().send_all(acks_.bytes());
    acks_.clear();
  }

  AmqpConnection& connection_;
  const ConsumeOptions& options_;
  const int64_t start_ns_;
  FrameWriter acks_;
  uint64_t last_tag_ = 0;
  uint64_t acked_tag_ = 0;
  uint64_t body_left_ = 0;
  ConsumeOutcome outcome_;
};

}  // namespace

ConsumeOutcome consume(AmqpConnection& connection, const ConsumeOptions& options, const std::atomic<uint64_t>& target,
                       int64_t start_ns) {
  return Consumer(connection, options, start_ns).run(target);
}

}  // namespace godwit::bench
