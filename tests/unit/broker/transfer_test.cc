#include "broker/transfer.h"

#include <gmock/gmock.h>

#include "model/native_message.h"
#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class TransferTest : public Scenario {
 protected:
  /// "orders", whose dead letters go to `target`, and one consumer of it.
  void orders(model::DeadLetter target) {
    declare("orders", {.dead_letter = std::move(target)});
    consume(client, "orders", 1, 100);
  }
  void reject_all() {
    for (const Got& got : deliveries()) settle(client, got, model::Verb::kReject);
  }
  std::vector<Got> dead() {
    consume(client, "dead", 2, 100);
    return deliveries();
  }
};

TEST_F(TransferTest, AnInternalExchangeTakesDeadLetters) {
  declare("dead");
  ASSERT_TRUE(
      client.ask(model::DeclareExchange{.exchange = {.name = {.text = "inner"}, .type = "fanout", .internal = true}}));
  bind("inner", "dead", "");
  orders({.exchange = "inner"});
  send("orders", {"a"});
  reject_all();
  EXPECT_THAT(bodies(dead()), ElementsAre("a"));
}

TEST_F(TransferTest, AMessageThatCannotBeReadTakesNoOtherWithIt) {
  declare("dead");
  orders({.routing_key = "dead"});
  model::NativeBatchBuilder builder;
  builder.add({.body = as_bytes("before")});
  builder.add({.origin = model::Origin::kAmqp091, .properties = as_bytes("\xff"), .body = as_bytes("damaged")});
  builder.add({.body = as_bytes("after")});
  ASSERT_TRUE(client.ask(model::Append{.partition = partition("orders"), .batch = builder.seal(0)}));
  world.advance(50);
  model::Settle settle{.ledger = ledger("orders"), .consumer = ConsumerTag(1), .verb = model::Verb::kReject};
  settle.runs = {{Offset(0), 3}};
  ASSERT_TRUE(client.ask(std::move(settle)));
  client.notices.clear();
  EXPECT_THAT(bodies(dead()), ElementsAre("before", "after"));
  EXPECT_EQ(describe("orders").leased, 0u);
}

TEST_F(TransferTest, TheTimeToLiveThatIsTakenAwayIsTold) {
  declare("dead");
  orders({.routing_key = "dead"});
  model::NativeBatchBuilder builder;
  ByteVec properties{0, 6, 'o', 'r', 'd', 'e', 'r', 's', 0x01, 0x00, 5, '6', '0', '0', '0', '0'};
  builder.add({.origin = model::Origin::kAmqp091,
               .expires_at_ms = world.now().wall_ms + 60'000,
               .properties = properties,
               .body = as_bytes("a")});
  ASSERT_TRUE(client.ask(model::Append{.partition = partition("orders"), .batch = builder.seal(0)}));
  reject_all();
  std::vector<Got> got = dead();
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].patch->deaths.at(0).original_expiration, "60000");
  settle(client, got[0], model::Verb::kAccept);
}

TEST_F(TransferTest, OrderHoldsThroughACrashHalfway) {
  declare("dead");
  orders({.routing_key = "dead"});
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) sent.push_back(std::to_string(i));
  send("orders", sent);
  reject_all();
  restart(How::kCrash);
  EXPECT_THAT(bodies(dead()), testing::ElementsAreArray(sent));
}

}  // namespace
}  // namespace godwit::scenario
