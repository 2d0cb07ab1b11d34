#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/message.h"

/// The shapes Kafka's messages are made of, and how a message says which versions have a field.
namespace godwit::protocol::kafka::wire {

using model::Uuid;

/// The versions [first, last] of a message that have a field.
struct Versions {
  int16_t first = 0;
  int16_t last = std::numeric_limits<int16_t>::max();

  constexpr bool has(int16_t version) const { return version >= first && version <= last; }
};
constexpr Versions since(int16_t first) { return {first}; }
constexpr Versions until(int16_t last) { return {0, last}; }
constexpr Versions between(int16_t first, int16_t last) { return {first, last}; }

/// What a request says of itself. Served are [first, last]; `advertised` may be lower, where clients read features
/// from a row. From version `flexible` on it has compact lengths and tagged fields.
struct Api {
  int16_t key = 0;
  const char* name = "";
  int16_t first = 0;
  int16_t last = 0;
  int16_t flexible = 0;
  int16_t advertised = first;

  constexpr bool serves(int16_t version) const { return version >= first && version <= last; }
  constexpr bool is_flexible(int16_t version) const { return version >= flexible; }
};
/// Of an Api that never became flexible.
constexpr int16_t kNeverFlexible = std::numeric_limits<int16_t>::max();

/// Records of a request: a view into its frame, so used up before the frame is.
using RecordsView = std::optional<ByteView>;

/// Records of a response: batches whose first bytes were rewritten and whose rest is shared with the log.
struct Records {
  struct Part {
    std::array<uint8_t, 61> head;
    uint8_t head_bytes = 0;
    Slice rest;
  };
  std::vector<Part> parts;
  size_t bytes = 0;

  void add(Part part) {
    bytes += part.head_bytes + part.rest.size();
    parts.push_back(std::move(part));
  }
};

}  // namespace godwit::protocol::kafka::wire
