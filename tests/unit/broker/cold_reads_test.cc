#include "broker/cold_reads.h"

#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/queued_executor.h"

namespace godwit::broker {
namespace {

/// Answers when the test says so, with an error: what is read does not matter here.
class SlowStore final : public storage::BlobStore {
 public:
  void put(std::string, std::vector<Slice>, runtime::Executor&, OnPut) override {}
  void get(std::string, uint64_t, uint64_t length, runtime::Executor&, OnGet done) override {
    lengths.push_back(length);
    open.push_back(std::move(done));
  }
  void remove(std::vector<std::string>) override {}
  Result<std::vector<std::string>> list(const std::string&) override { return std::vector<std::string>(); }
  Result<Slice> get_now(const std::string&) override { return Slice(); }

  void answer() {
    OnGet done = std::move(open.front());
    open.pop_front();
    done(fail(ErrorCode::kIo, "no disk"));
  }

  std::vector<uint64_t> lengths;
  std::deque<OnGet> open;
};

class ColdReadsTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kLimit = 64_MiB;

  void read(uint64_t bytes_max) {
    // A segment without an index worth reading: it is read whole, or as far as is asked.
    storage::SegmentRef segment{.blob = "b", .end_offset = Offset(10), .bytes = 200'000};
    reads_.read(segment, Offset(0), bytes_max, [this](auto) { ++answered_; });
  }

  SlowStore store_;
  QueuedExecutor loop_;
  storage::SegmentReader segments_{store_, loop_};
  Memory memory_{Options{.workers = 1, .memory_limit = kLimit}};
  int woken_ = 0;
  ColdReads reads_{segments_, memory_, [this] { ++woken_; }};
  int answered_ = 0;
};

TEST_F(ColdReadsTest, AFewAreUnderWayAndTheOthersWaitTheirTurn) {
  for (size_t i = 0; i < kColdReadsMax + 3; ++i) read(1_MiB);
  EXPECT_EQ(store_.open.size(), kColdReadsMax);
  store_.answer();
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(store_.open.size(), kColdReadsMax);
  while (!store_.open.empty()) store_.answer();
  EXPECT_EQ(answered_, static_cast<int>(kColdReadsMax) + 3);
}

TEST_F(ColdReadsTest, BytesAreReservedUntilTheAnswer) {
  read(1_MiB);
  EXPECT_EQ(memory_.used(Memory::Use::kReads), 1_MiB);
  store_.answer();
  EXPECT_EQ(memory_.used(Memory::Use::kReads), 0u);
}

TEST_F(ColdReadsTest, NoReadTakesAllThatIsLeft) {
  read(1_GiB);
  EXPECT_EQ(memory_.used(Memory::Use::kReads), memory_.buffers_max() / 4);
  memory_.add(Memory::Use::kConnections, kLimit);
  EXPECT_TRUE(memory_.exhausted());
  read(1_GiB);
  EXPECT_EQ(memory_.used(Memory::Use::kReads), memory_.buffers_max() / 4 + kColdReadBytesMin);
}

}  // namespace
}  // namespace godwit::broker
