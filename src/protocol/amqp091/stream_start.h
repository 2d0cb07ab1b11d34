#pragma once

#include <cstdint>
#include <optional>

#include "model/message.h"

namespace godwit::protocol::amqp091 {

/// Where a stream consumer begins (argument x-stream-offset).
struct StreamStart {
  enum class At : uint8_t { kFirst, kLast, kNext, kOffset, kTimestamp };
  At at = At::kNext;
  int64_t value = 0;  ///< kOffset: the offset; kTimestamp: Unix milliseconds
};

/// "first", "last", "next", a number, a timestamp, or an age such as "1h30m". Nothing for another value. An age that
/// reaches behind all times means the first message.
std::optional<StreamStart> read_stream_start(const model::Value& value, int64_t now_ms);

}  // namespace godwit::protocol::amqp091
