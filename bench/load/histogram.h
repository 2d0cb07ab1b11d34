#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace godwit::bench {

/// Counts of durations in log-linear buckets: 64 per power of two, so a percentile is at most 1.6 % above the truth.
class Histogram {
 public:
  /// Adds `count` observations of `value_ns`; negative values count as 0.
  void add(int64_t value_ns, uint64_t count = 1);

  /// The smallest bucket end that at least `fraction` (0..1) of the observations do not exceed, in ns; 0 when empty.
  [[nodiscard]] int64_t percentile_ns(double fraction) const;

  [[nodiscard]] uint64_t count() const { return count_; }

  /// `{"p50":…,"p90":…,"p99":…,"p999":…,"max":…}` in microseconds.
  [[nodiscard]] std::string to_json_us() const;

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr size_t kBuckets = size_t{64 - kSubBits + 1} << kSubBits;

  std::array<uint64_t, kBuckets> counts_{};
  uint64_t count_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace godwit::bench
