#include "broker/cold_reads.h"

#include <utility>

#include "base/limits.h"

namespace godwit::broker {

void ColdReads::read(const storage::SegmentRef& segment, Offset from, uint64_t bytes_max, OnRead done) {
  waiting_.push_back({bytes_max,
                      [segment, from](storage::SegmentReader& segments, uint64_t bytes, OnRead then) {
                        segments.read(segment, from, bytes, std::move(then));
                      },
                      std::move(done)});
  admit();
}

void ColdReads::read_at_time(const storage::SegmentRef& segment, int64_t timestamp_ms, OnRead done) {
  waiting_.push_back({kColdReadBytesMin,
                      [segment, timestamp_ms](storage::SegmentReader& segments, uint64_t, OnRead then) {
                        segments.read_at_time(segment, timestamp_ms, std::move(then));
                      },
                      std::move(done)});
  admit();
}

void ColdReads::admit() {
  while (!waiting_.empty() && open_ < kColdReadsMax) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    size_t bytes = memory_.grant(std::min<uint64_t>(next.bytes_max, kColdReadBytesMax), kColdReadBytesMin);
    memory_.add(Memory::Use::kReads, static_cast<int64_t>(bytes));
    ++open_;
    next.start(segments_, bytes, [this, bytes, done = std::move(next.done)](auto batches) mutable {
      --open_;
      memory_.add(Memory::Use::kReads, -static_cast<int64_t>(bytes));
      done(std::move(batches));
      admit();
      wake_();
    });
  }
}

}  // namespace godwit::broker
