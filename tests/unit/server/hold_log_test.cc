#include "server/hold_log.h"

#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OneTimer final : public runtime::Loop {
 public:
  Now now() const override { return {0, boot_ms}; }
  void call_at(int64_t due_ms, runtime::Task task) override {
    EXPECT_FALSE(task_) << "one timer is enough";
    due_ms_ = due_ms;
    task_ = std::move(task);
  }
  void post(runtime::Task task) override { task(); }
  uint64_t random() override { return 0; }
  void pass(int64_t ms) {
    boot_ms += ms;
    if (task_ && boot_ms >= due_ms_) std::exchange(task_, nullptr)();
  }

  int64_t boot_ms = 1'000'000;

 private:
  int64_t due_ms_ = 0;
  runtime::Task task_;
};

class HoldLogTest : public ::testing::Test {
 protected:
  OneTimer loop_;
  std::vector<std::string> said_;
  HoldLog log_{loop_, [this](const std::string& reason, bool held, uint64_t times) {
                 said_.push_back(fmt::format("{} {} {}", reason, held ? "wait" : "go on", times));
               }};
  std::vector<std::string> said() { return std::exchange(said_, {}); }
};

TEST_F(HoldLogTest, SaysEachChange) {
  log_.changed("disk", true);
  EXPECT_THAT(said(), ElementsAre("disk wait 1"));
  loop_.pass(HoldLog::kPauseMs);
  EXPECT_THAT(said(), IsEmpty());
  log_.changed("disk", false);
  EXPECT_THAT(said(), ElementsAre("disk go on 0"));
}

TEST_F(HoldLogTest, ReasonsAreApart) {
  log_.changed("disk", true);
  log_.changed("memory", true);
  EXPECT_THAT(said(), ElementsAre("disk wait 1", "memory wait 1"));
}

TEST_F(HoldLogTest, ManyChangesAreALineInAWhileAndTheLastOneIsSaid) {
  for (int i = 0; i < 50; ++i) {
    log_.changed("memory", true);
    loop_.pass(10);
    log_.changed("memory", false);
  }
  EXPECT_THAT(said(), ElementsAre("memory wait 1"));
  loop_.pass(HoldLog::kPauseMs);
  EXPECT_THAT(said(), ElementsAre("memory go on 49"));
  log_.changed("memory", true);
  EXPECT_THAT(said(), IsEmpty());
  loop_.pass(HoldLog::kPauseMs);
  EXPECT_THAT(said(), ElementsAre("memory wait 1")) << "late, but a hold that lasts is never left out";
}

TEST_F(HoldLogTest, WhatIsOverWhenItMayBeSaidIsNotSaid) {
  log_.changed("memory", true);
  log_.changed("memory", false);
  loop_.pass(HoldLog::kPauseMs);
  EXPECT_THAT(said(), ElementsAre("memory wait 1", "memory go on 0"));
  log_.changed("memory", true);
  log_.changed("memory", false);
  loop_.pass(HoldLog::kPauseMs);
  EXPECT_THAT(said(), IsEmpty());
}

}  // namespace
}  // namespace godwit::server
