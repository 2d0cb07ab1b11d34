#include "protocol/amqp091/requests.h"

#include <gtest/gtest.h>

#include "protocol/amqp091/wire/channel_methods.h"
#include "support/fake_host.h"

namespace godwit::protocol::amqp091 {
namespace {

class RequestsTest : public testing::Test {
 protected:
  RequestsTest() {
    link_.raise = [this](uint16_t channel, Fault fault) { raised_.emplace_back(channel, fault.code); };
  }
  void purge(Outcome outcome = {}) {
    requests_->call(model::Purge{}, [this, outcome](Result<model::Purged>) { return ++answered_, outcome; });
  }
  void answer() {
    auto taken = host_.take<model::Purge>();
    ASSERT_TRUE(taken);
    link_.calls.on_reply(taken->first, model::Purged{});
  }

  Options options_;
  test::FakeHost host_;
  Link link_{host_, options_};
  std::shared_ptr<Requests> requests_ = std::make_shared<Requests>(link_, 5);
  std::vector<std::pair<uint16_t, ReplyCode>> raised_;
  int answered_ = 0;
};

TEST_F(RequestsTest, BusyUntilEveryReplyIsThere) {
  EXPECT_FALSE(requests_->busy());
  purge();
  purge();
  answer();
  EXPECT_TRUE(requests_->busy());
  answer();
  EXPECT_FALSE(requests_->busy());
  EXPECT_EQ(answered_, 2);
  EXPECT_TRUE(raised_.empty());
}

TEST_F(RequestsTest, ARefusalIsRaisedOnTheChannel) {
  purge(channel_fault(ReplyCode::kNotFound, "gone"));
  answer();
  EXPECT_EQ(raised_, (std::vector<std::pair<uint16_t, ReplyCode>>{{5, ReplyCode::kNotFound}}));
}

TEST_F(RequestsTest, AStoppedChannelHearsNoReplies) {
  purge(channel_fault(ReplyCode::kNotFound, "gone"));
  requests_->stop();
  answer();
  EXPECT_EQ(answered_, 0);
  EXPECT_TRUE(raised_.empty());
  EXPECT_FALSE(requests_->busy());
}

TEST_F(RequestsTest, ARepliesChannelMayHaveGone) {
  purge();
  requests_.reset();
  answer();
  EXPECT_EQ(answered_, 0);
}

TEST_F(RequestsTest, AReplyMayEndItsChannel) {
  requests_->call(model::Purge{}, [this](Result<model::Purged>) {
    requests_.reset();
    return Outcome(channel_fault(ReplyCode::kNotFound, "gone"));
  });
  answer();
  EXPECT_EQ(raised_.size(), 1u);
}

TEST_F(RequestsTest, NoWaitWantsNoAnswer) {
  requests_->answer(true, ChannelFlowOk{.active = true});
  EXPECT_TRUE(host_.sent().empty());
  requests_->answer(false, ChannelFlowOk{.active = true});
  EXPECT_FALSE(host_.sent().empty());
}

}  // namespace
}  // namespace godwit::protocol::amqp091
