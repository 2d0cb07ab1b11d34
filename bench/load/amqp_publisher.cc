#include "load/amqp_publisher.h"

#include <algorithm>
#include <limits>
#include <random>

#include "load/confirm_tracker.h"
#include "load/process_usage.h"

namespace godwit::bench {
namespace {

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
constexpr int64_t kStuckNs = 60'000'000'000;

std::string random_body(size_t bytes) {
  std::mt19937_64 random(1);
  std::string body(bytes, '\0');
  for (char& byte : body) byte = static_cast<char>(random());
  return body;
}

// All messages are the same bytes, so the stream is one block repeated and a position in it says what is sent.
class MessageStream {
 public:
  MessageStream(const std::string& queue, size_t body_bytes) {
    constexpr size_t kBlockBytes = 256 * 1024;
    const std::string message = encode_publish(queue, random_body(body_bytes));
    message_bytes_ = message.size();
    for (size_t n = std::max<size_t>(1, kBlockBytes / message_bytes_); n > 0; --n) block_ += message;
  }

  // Sends as much of the first `messages` messages as the socket takes. True when all of it is sent.
  bool send_up_to(uint64_t messages, Socket& socket) {
    const uint64_t wanted = messages * message_bytes_;
    while (sent_bytes_ < wanted) {
      const size_t at = sent_bytes_ % block_.size();
      const size_t length = std::min<uint64_t>(block_.size() - at, wanted - sent_bytes_);
      const size_t sent = socket.send_some(std::string_view(block_).substr(at, length));
      if (sent == 0) return false;
      sent_bytes_ += sent;
    }
    return true;
  }

 private:
  std::string block_;
  size_t message_bytes_ = 0;
  uint64_t sent_bytes_ = 0;
};

class Publisher {
 public:
  Publisher(AmqpConnection& connection, const PublishOptions& options, int64_t start_ns)
      : connection_(connection),
        options_(options),
        start_ns_(start_ns),
        stream_(options.queue, options.body_bytes),
        tracker_(options.unconfirmed_max) {}

  PublishOutcome run() {
    const double cpu_before_s = thread_cpu_s();
    last_confirm_ns_ = now_ns();
    const int64_t begin_ns = options_.rate_per_s > 0 ? start_ns_ : last_confirm_ns_;
    const uint64_t count_max = options_.count_max > 0 ? options_.count_max : kNoLimit;
    for (;;) {
      const int64_t now = now_ns();
      if (now - last_confirm_ns_ > kStuckNs) fail("no confirm from the broker for 60 s");
      const bool time_over =
          options_.seconds_max > 0 && static_cast<double>(now - begin_ns) / 1e9 >= options_.seconds_max;
      if (!time_over && asked_ < count_max) asked_ = std::min(count_max, std::max(asked_, allowed(now)));
      const bool all_sent = stream_.send_up_to(asked_, connection_.socket());
      if (read_confirms()) continue;
      if ((time_over || asked_ == count_max) && tracker_.confirmed() == asked_) break;
      connection_.socket().wait(!all_sent, wait_ns(now));
    }
    outcome_.messages = asked_;
    outcome_.seconds = static_cast<double>(last_confirm_ns_ - begin_ns) / 1e9;
    outcome_.cpu_s = thread_cpu_s() - cpu_before_s;
    return outcome_;
  }

 private:
  // How many messages may have been asked for by now.
  uint64_t allowed(int64_t now) const {
    const uint64_t window = std::min(tracker_.confirmed() + options_.unconfirmed_max, tracker_.tag_max());
    if (options_.rate_per_s > 0) return std::min(window, due_by(now));
    // Waiting for an eighth of the window keeps this client's own system calls out of the measurement.
    const bool worth_sending = window - asked_ >= options_.unconfirmed_max / 8 || tracker_.confirmed() == asked_;
    return worth_sending ? window : asked_;
  }

  int64_t due_ns(uint64_t tag) const {
    return start_ns_ + static_cast<int64_t>(static_cast<double>(tag - 1) * 1e9 / options_.rate_per_s);
  }

  uint64_t due_by(int64_t now) const {
    if (now < start_ns_) return 0;
    return static_cast<uint64_t>(static_cast<double>(now - start_ns_) * options_.rate_per_s / 1e9) + 1;
  }

  int64_t wait_ns(int64_t now) const {
    constexpr int64_t kLongestNs = 100'000'000;
    if (options_.rate_per_s <= 0) return kLongestNs;
    return std::clamp<int64_t>(due_ns(asked_ + 1) - now, 0, kLongestNs);
  }

  bool read_confirms() {
    FrameReader& reader = connection_.reader();
    if (!reader.receive(connection_.socket(), false)) return false;
    last_confirm_ns_ = now_ns();
    while (const auto frame = reader.next()) handle(*frame);
    return true;
  }

  void handle(const Frame& frame) {
    fail_if_closed(frame);
    if (frame.type != FrameType::kMethod) return;
    if (frame.method() == Method::kBasicNack) fail("the broker refused a message (basic.nack)");
    if (frame.method() != Method::kBasicAck) return;
    const bool multiple = (read_integer(frame.arguments(), 8, 1) & 1) != 0;
    tracker_.confirm(read_integer(frame.arguments(), 0, 8), multiple, [this](uint64_t tag) {
      if (options_.rate_per_s > 0) outcome_.confirm_ns.add(last_confirm_ns_ - due_ns(tag));
    });
  }

  AmqpConnection& connection_;
  const PublishOptions& options_;
  const int64_t start_ns_;
  MessageStream stream_;
  ConfirmTracker tracker_;
  uint64_t asked_ = 0;
  int64_t last_confirm_ns_ = 0;
  PublishOutcome outcome_;
};

}  // namespace

PublishOutcome publish(AmqpConnection& connection, const PublishOptions& options, int64_t start_ns) {
  return Publisher(connection, options, start_ns).run();
}

}  // namespace godwit::bench
