#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace godwit::bench {
namespace {

constexpr unsigned kSubBits = 6;
constexpr uint64_t kSubCount = uint64_t{1} << kSubBits;

// Values below 2^6 have a bucket each; above, the top 7 bits of a value name its bucket.
size_t bucket_of(uint64_t value) {
  if (value < kSubCount) return value;
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
  return ((size_t{shift} + 1) << kSubBits) + ((value >> shift) - kSubCount);
}

uint64_t last_value_of(size_t bucket) {
  if (bucket < kSubCount) return bucket;
  const unsigned shift = static_cast<unsigned>(bucket >> kSubBits) - 1;
  return (((bucket & (kSubCount - 1)) + kSubCount + 1) << shift) - 1;
}

}  // namespace

void Histogram::add(int64_t value_ns, uint64_t count) {
  const int64_t value = std::max<int64_t>(value_ns, 0);
  counts_[bucket_of(static_cast<uint64_t>(value))] += count;
  count_ += count;
  max_ns_ = std::max(max_ns_, value);
}

int64_t Histogram::percentile_ns(double fraction) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted && seen > 0) return std::min(static_cast<int64_t>(last_value_of(bucket)), max_ns_);
  }
  return 0;
}

std::string Histogram::to_json_us() const {
  const auto us = [this](double fraction) { return static_cast<double>(percentile_ns(fraction)) / 1e3; };
  return fmt::format(R"({{"p50":{:.1f},"p90":{:.1f},"p99":{:.1f},"p999":{:.1f},"max":{:.1f}}})", us(0.5), us(0.9),
                     us(0.99), us(0.999), static_cast<double>(max_ns_) / 1e3);
}

}  // namespace godwit::bench
