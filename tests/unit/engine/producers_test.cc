#include "engine/producers.h"

#include <limits>

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

constexpr int32_t kLast = std::numeric_limits<int32_t>::max();

class ProducersTest : public testing::Test {
 protected:
  /// "append", "repeat of N", or the name of the error.
  std::string check(ProducerClaim claim, uint32_t count) const {
    auto checked = producers_.check(claim, count);
    if (!checked) return std::string(to_string(checked.error().code));
    return *checked ? "repeat of " + std::to_string((*checked)->base_offset.value) : "append";
  }
  std::string append(ProducerClaim claim, uint32_t count, int64_t append_ms = 0) {
    std::string answer = check(claim, count);
    if (answer != "append") return answer;
    producers_.apply(claim, count, Offset(end_), append_ms);
    end_ += count;
    return answer;
  }

  Producers producers_;
  int64_t end_ = 0;
  const std::string gap_{to_string(ErrorCode::kOutOfOrder)};
  const std::string old_{to_string(ErrorCode::kDuplicate)};
  const std::string fenced_{to_string(ErrorCode::kFenced)};
};

TEST_F(ProducersTest, EachOfTheLastFiveBatchesIsKnownAgain) {
  for (int32_t i = 0; i < 6; ++i) ASSERT_EQ(append({1, 0, i * 10}, 10), "append");
  for (int32_t i = 1; i < 6; ++i) EXPECT_EQ(check({1, 0, i * 10}, 10), "repeat of " + std::to_string(i * 10));
  EXPECT_EQ(check({1, 0, 0}, 10), old_);
  EXPECT_EQ(check({1, 0, 60}, 1), "append");
}

TEST_F(ProducersTest, GapsAndPiecesOfBatchesAreRefused) {
  append({1, 0, 0}, 10);
  append({1, 0, 10}, 10);
  EXPECT_EQ(check({1, 0, 21}, 1), gap_);
  EXPECT_EQ(check({1, 0, 10}, 9), gap_) << "a repeat begins and ends where the first did";
  EXPECT_EQ(check({1, 0, 5}, 5), gap_);
  EXPECT_EQ(check({1, 0, 15}, 10), gap_);
}

TEST_F(ProducersTest, ANewEpochBeginsAtZeroAndFencesTheOld) {
  append({1, 3, 0}, 10);
  EXPECT_EQ(check({1, 2, 10}, 1), fenced_);
  EXPECT_EQ(check({1, 4, 10}, 1), gap_);
  EXPECT_EQ(append({1, 4, 0}, 5), "append");
  EXPECT_EQ(check({1, 4, 0}, 10), gap_) << "the old epoch's batch is no repeat of this one's";
  EXPECT_EQ(check({1, 3, 0}, 10), fenced_) << "nor is its own found any more";
  EXPECT_EQ(check({1, 4, 5}, 1), "append");
}

TEST_F(ProducersTest, WhoIsNotKnownMayBeginAnywhere) {
  EXPECT_EQ(append({7, 2, 123}, 1), "append");
  EXPECT_EQ(check({7, 2, 125}, 1), gap_);
  EXPECT_EQ(check({8, 0, 5}, 1), "append") << "another producer's sequence is its own";
}

TEST_F(ProducersTest, SequencesWrapWithinABatchAndBetween) {
  ASSERT_EQ(append({1, 0, kLast - 1}, 4), "append");  // kLast - 1, kLast, 0, 1
  EXPECT_EQ(check({1, 0, kLast - 1}, 4), "repeat of 0");
  EXPECT_EQ(check({1, 0, 3}, 1), gap_);
  EXPECT_EQ(append({1, 0, 2}, 1), "append");
  ASSERT_EQ(append({2, 0, kLast}, 1), "append");
  EXPECT_EQ(append({2, 0, 0}, 1), "append");
}

TEST_F(ProducersTest, WhatCameBeforeTheWrapIsOldAndNotAGap) {
  append({1, 0, kLast - 9}, 10);
  for (int32_t i = 0; i < 5; ++i) ASSERT_EQ(append({1, 0, i}, 1), "append");
  EXPECT_EQ(check({1, 0, kLast - 9}, 10), old_);
  EXPECT_EQ(check({1, 0, 6}, 1), gap_);
}

TEST_F(ProducersTest, TheIdleAreForgotten) {
  append({1, 0, 0}, 1, 1'000);
  append({2, 0, 0}, 1, 2'000);
  producers_.expire(1'000);
  EXPECT_EQ(producers_.size(), 2u) << "it appended at that very time";
  producers_.expire(1'001);
  EXPECT_EQ(producers_.size(), 1u);
  EXPECT_EQ(check({1, 0, 77}, 1), "append");
  EXPECT_EQ(check({2, 0, 77}, 1), gap_);
}

}  // namespace
}  // namespace godwit::engine
