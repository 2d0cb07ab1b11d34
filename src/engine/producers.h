#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/ids.h"
#include "engine/records.h"

namespace godwit::engine {

/// What a partition remembers of its idempotent producers (Kafka KIP-98): the epoch and the last five batches of each,
/// so that a repeated batch is answered with where it already is, and a gap is refused.
class Producers {
 public:
  struct Repeat {
    Offset base_offset;
    int64_t append_ms = 0;
  };
  /// A batch of `count` messages with this claim: nothing to append when a Repeat comes back.
  /// Errors: kFenced: an older epoch; kOutOfOrder: a gap; kDuplicate: older than what is remembered.
  /// A producer that is not known may start anywhere: its state may have expired.
  Result<std::optional<Repeat>> check(const ProducerClaim& claim, uint32_t count) const;
  void apply(const ProducerClaim& claim, uint32_t count, Offset base_offset, int64_t append_ms);
  /// Forgets producers that appended nothing since `append_ms`. Deterministic: driven by the records' times.
  void expire(int64_t append_ms);
  size_t size() const { return producers_.size(); }

  template <class F>
  void fields(F& f) {
    f(producers_);
  }

 private:
  /// What a client may have in flight: max.in.flight.requests.per.connection of an idempotent producer.
  static constexpr size_t kBatchesRemembered = 5;

  struct Appended {
    int32_t first_sequence = 0;
    int32_t last_sequence = 0;
    Offset base_offset;
    int64_t append_ms = 0;
    template <class F>
    void fields(F& f) {
      f(first_sequence)(last_sequence)(base_offset)(append_ms);
    }
  };
  struct State {
    int16_t epoch = 0;
    std::vector<Appended> batches;  ///< oldest first
    template <class F>
    void fields(F& f) {
      f(epoch)(batches);
    }
  };
  std::map<int64_t, State> producers_;
};

}  // namespace godwit::engine
