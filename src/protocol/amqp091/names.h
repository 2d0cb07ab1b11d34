#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace godwit::protocol::amqp091 {

/// Direct reply-to: what a client consumes, and puts in the reply-to of its requests.
constexpr std::string_view kReplyTo = "amq.rabbitmq.reply-to";
/// The queues behind it begin with that.
constexpr std::string_view kReplyQueuePrefix = "amq.rabbitmq.reply-to.";

/// Names that the broker makes up: 22 characters of base64url, 128 bits that differ by seed, session and number.
class NameSource {
 public:
  NameSource(uint64_t seed, uint64_t session) : high_(mix64(seed ^ mix64(session))), low_(mix64(high_ + seed)) {}

  std::string next(std::string_view prefix) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string name(prefix);
    ++number_;
    for (uint64_t word : {mix64(high_ + number_), mix64(low_ ^ number_)})
      for (int i = 0; i < 11; ++i, word >>= 6) name += kDigits[word & 63];
    return name;
  }

 private:
  uint64_t high_;
  uint64_t low_;
  uint64_t number_ = 0;
};

}  // namespace godwit::protocol::amqp091
