#include "protocol/amqp091/data_waits.h"

#include <gtest/gtest.h>

#include "support/fake_host.h"

namespace godwit::protocol::amqp091 {
namespace {

class Waiting : public testing::Test {
 protected:
  void wait(int64_t beyond, PartitionId partition = {TopicId(1), 0}) {
    waits_.wait(host_, calls_, partition, Offset(beyond), [this](bool gone) { ++(gone ? gone_ : woken_); });
  }
  broker::RequestId asked() {
    auto taken = host_.take<model::AwaitData>();
    EXPECT_TRUE(taken);
    if (taken) last_ = taken->second;
    return taken ? taken->first : 0;
  }

  test::FakeHost host_;
  broker::Calls calls_;
  DataWaits waits_;
  model::AwaitData last_;
  int woken_ = 0;
  int gone_ = 0;
};

TEST_F(Waiting, ReadersOfOnePartitionShareOneRequest) {
  wait(5);
  wait(5);
  broker::RequestId id = asked();
  EXPECT_TRUE(host_.submitted.empty());
  EXPECT_GT(last_.deadline_boot_ms, host_.clock.boot_ms);
  calls_.on_reply(id, model::DataAwaited{Offset(6)});
  EXPECT_EQ(woken_, 2);
  wait(6);  // each wait wakes once
  calls_.on_reply(asked(), model::DataAwaited{Offset(7)});
  EXPECT_EQ(woken_, 3);
}

TEST_F(Waiting, AnEarlierOffsetReplacesTheRequest) {
  wait(9);
  broker::RequestId late = asked();
  wait(5);
  broker::RequestId early = asked();
  EXPECT_EQ(last_.beyond, Offset(5));
  calls_.on_reply(late, fail(ErrorCode::kNotFound, "replaced"));
  EXPECT_EQ(woken_ + gone_, 0);
  calls_.on_reply(early, model::DataAwaited{Offset(6)});
  EXPECT_EQ(woken_, 2);
}

TEST_F(Waiting, PartitionsDoNotWakeEachOther) {
  wait(0, {TopicId(1), 0});
  wait(0, {TopicId(1), 1});
  broker::RequestId first = asked();
  asked();
  calls_.on_reply(first, model::DataAwaited{Offset(1)});
  EXPECT_EQ(woken_, 1);
}

TEST_F(Waiting, AnErrorMeansThePartitionIsGone) {
  wait(0);
  calls_.on_reply(asked(), fail(ErrorCode::kNotFound, "deleted"));
  EXPECT_EQ(gone_, 1);
}

TEST_F(Waiting, AWakeMayWaitAgain) {
  PartitionId partition{TopicId(1), 0};
  waits_.wait(host_, calls_, partition, Offset(0), [&](bool) { wait(1); });
  calls_.on_reply(asked(), model::DataAwaited{Offset(1)});
  EXPECT_EQ(woken_, 0);
  calls_.on_reply(asked(), model::DataAwaited{Offset(2)});
  EXPECT_EQ(woken_, 1);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
