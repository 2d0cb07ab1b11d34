#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace godwit {

/// A number that cannot be mistaken for another kind of number. Arithmetic only where the domain has it: see Offset.
template <class Tag, class Int>
struct Id {
  using Underlying = Int;
  Int value{};

  constexpr Id() = default;
  constexpr explicit Id(Int v) : value(v) {}
  constexpr auto operator<=>(const Id&) const = default;
};

using TopicId = Id<struct TopicTag, uint64_t>;            ///< never reused; 0 is none
using QueueId = Id<struct QueueTag, uint64_t>;            ///< never reused; 0 is none
using ShardId = Id<struct ShardTag, uint16_t>;            ///< [0, kShardCount)
using WorkerId = Id<struct WorkerTag, uint16_t>;          ///< [0, workers)
using SessionId = Id<struct SessionTag, uint64_t>;        ///< worker in the top 16 bits, never reused within a boot
using ConsumerTag = Id<struct ConsumerTagTag, uint32_t>;  ///< chosen by the session, unique within it

/// A message's place in its partition: dense, starts at 0, never reused.
struct Offset {
  int64_t value{};

  constexpr Offset() = default;
  constexpr explicit Offset(int64_t v) : value(v) {}
  constexpr auto operator<=>(const Offset&) const = default;
  constexpr Offset operator+(int64_t n) const { return Offset(value + n); }
  constexpr Offset operator-(int64_t n) const { return Offset(value - n); }
  constexpr int64_t operator-(Offset other) const { return value - other.value; }
  constexpr Offset& operator++() {
    ++value;
    return *this;
  }
};

/// One partition of one topic.
struct PartitionId {
  TopicId topic;
  uint32_t index{};

  constexpr auto operator<=>(const PartitionId&) const = default;
};

/// One queue's state over one partition.
struct LedgerId {
  QueueId queue;
  PartitionId partition;

  constexpr auto operator<=>(const LedgerId&) const = default;
};

/// Spreads `v` over all 64 bits (the finaliser of splitmix64). For hash tables and shard placement; stable for ever.
constexpr uint64_t mix64(uint64_t v) {
  v += 0x9e3779b97f4a7c15ULL;
  v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9ULL;
  v = (v ^ (v >> 27)) * 0x94d049bb133111ebULL;
  return v ^ (v >> 31);
}

}  // namespace godwit

template <class Tag, class Int>
struct std::hash<godwit::Id<Tag, Int>> {
  size_t operator()(const godwit::Id<Tag, Int>& id) const noexcept { return godwit::mix64(id.value); }
};

template <>
struct std::hash<godwit::PartitionId> {
  size_t operator()(const godwit::PartitionId& id) const noexcept {
    return godwit::mix64(godwit::mix64(id.topic.value) + id.index);
  }
};

template <>
struct std::hash<godwit::LedgerId> {
  size_t operator()(const godwit::LedgerId& id) const noexcept {
    return godwit::mix64(godwit::mix64(id.queue.value) + std::hash<godwit::PartitionId>()(id.partition));
  }
};
