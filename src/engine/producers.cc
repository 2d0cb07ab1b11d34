#include "engine/producers.h"

#include <limits>

#include <fmt/format.h>

namespace godwit::engine {
namespace {

/// Sequence numbers run from 0 to 2^31 - 1 and wrap.
constexpr int64_t kSequences = int64_t{std::numeric_limits<int32_t>::max()} + 1;

int32_t advance(int32_t sequence, int64_t by) { return static_cast<int32_t>((int64_t{sequence} + by) % kSequences); }

/// On the shorter way round.
bool is_before(int32_t sequence, int32_t other) {
  return sequence != other && (int64_t{other} - sequence + kSequences) % kSequences < kSequences / 2;
}

}  // namespace

Result<std::optional<Producers::Repeat>> Producers::check(const ProducerClaim& claim, uint32_t count) const {
  auto it = producers_.find(claim.id);
  if (it == producers_.end()) return std::nullopt;
  const State& state = it->second;
  if (claim.epoch < state.epoch)
    return fail(ErrorCode::kFenced, fmt::format("producer {} has moved on to epoch {}", claim.id, state.epoch));
  if (claim.epoch > state.epoch) {
    if (claim.sequence != 0)
      return fail(ErrorCode::kOutOfOrder,
                  fmt::format("producer {} starts epoch {} at sequence {}", claim.id, claim.epoch, claim.sequence));
    return std::nullopt;
  }
  int32_t last = advance(claim.sequence, int64_t{count} - 1);
  for (const Appended& batch : state.batches)
    if (batch.first_sequence == claim.sequence && batch.last_sequence == last)
      return Repeat{batch.base_offset, batch.append_ms};
  int32_t expected = state.batches.empty() ? 0 : advance(state.batches.back().last_sequence, 1);
  if (claim.sequence == expected) return std::nullopt;
  if (!state.batches.empty() && is_before(claim.sequence, state.batches.front().first_sequence))
    return fail(ErrorCode::kDuplicate,
                fmt::format("producer {} sent sequence {}, older than those remembered", claim.id, claim.sequence));
  return fail(ErrorCode::kOutOfOrder,
              fmt::format("producer {} sent sequence {}, expected {}", claim.id, claim.sequence, expected));
}

void Producers::apply(const ProducerClaim& claim, uint32_t count, Offset base_offset, int64_t append_ms) {
  State& state = producers_[claim.id];
  if (claim.epoch != state.epoch) {
    state.epoch = claim.epoch;
    state.batches.clear();
  }
  if (state.batches.size() == kBatchesRemembered) state.batches.erase(state.batches.begin());
  state.batches.push_back({claim.sequence, advance(claim.sequence, int64_t{count} - 1), base_offset, append_ms});
}

void Producers::expire(int64_t append_ms) {
  std::erase_if(producers_, [&](const auto& entry) {
    return !entry.second.batches.empty() && entry.second.batches.back().append_ms < append_ms;
  });
}

}  // namespace godwit::engine
