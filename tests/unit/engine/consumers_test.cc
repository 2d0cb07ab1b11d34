#include "engine/consumers.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

ConsumerKey key(uint32_t tag, uint64_t session = 1) { return {SessionId(session), ConsumerTag(tag)}; }

/// How many of `turns` turns each consumer gets, one credit a turn.
std::map<uint32_t, int> turns(Consumers& all, int count) {
  std::map<uint32_t, int> got;
  for (int i = 0; i < count; ++i) {
    uint32_t peers = 0;
    Consumer* next = all.next(false, peers);
    if (!next) break;
    all.set_credit(*next, next->credit - 1);
    ++got[next->key.tag.value];
  }
  return got;
}

TEST(Consumers, EqualsTakeTurnsAndTheCreditlessAreLeftOut) {
  Consumers all;
  all.add({.key = key(1), .credit = 100});
  all.add({.key = key(2), .credit = 100});
  all.add({.key = key(3), .credit = 0});
  all.add({.key = key(4), .credit = 5});
  auto got = turns(all, 15);
  EXPECT_EQ(got, (std::map<uint32_t, int>{{1, 5}, {2, 5}, {4, 5}}));
  got = turns(all, 10);
  EXPECT_EQ(got, (std::map<uint32_t, int>{{1, 5}, {2, 5}}));
}

TEST(Consumers, CreditIsSharedFromTheStartOrLater) {
  Consumers all;
  Consumer& first = all.add({.key = key(1), .credit = 1});
  all.add({.key = key(2), .credit = 1, .shared_credit = true});
  all.share_credit(first);
  all.share_credit(first);
  EXPECT_TRUE(first.shared_credit);
  EXPECT_EQ(all.sharing(), 2u);
  all.remove(key(1));
  EXPECT_EQ(all.sharing(), 1u);
}

TEST(Consumers, AHigherPriorityIsServedAloneWhileItHasCredit) {
  Consumers all;
  all.add({.key = key(1), .credit = 9, .priority = 0});
  all.add({.key = key(2), .credit = 2, .priority = 7});
  all.add({.key = key(3), .credit = 9, .priority = -1});
  uint32_t peers = 0;
  for (int i = 0; i < 2; ++i) {
    Consumer* next = all.next(false, peers);
    ASSERT_NE(next, nullptr);
    EXPECT_EQ(next->key, key(2));
    EXPECT_EQ(peers, 1u) << "of lower rank are no peers";
    all.set_credit(*next, next->credit - 1);
  }
  EXPECT_EQ(all.next(false, peers)->key, key(1));
  EXPECT_EQ(peers, 1u);
}

TEST(Consumers, PeersOfTheHighestRankAreCountedWhereverTheTurnIs) {
  Consumers all;
  all.add({.key = key(1), .credit = 9, .priority = 1});
  all.add({.key = key(2), .credit = 9, .priority = 0});
  all.add({.key = key(3), .credit = 9, .priority = 1});
  for (int i = 0; i < 7; ++i) {
    uint32_t peers = 0;
    EXPECT_NE(all.next(false, peers)->key, key(2));
    EXPECT_EQ(peers, 2u) << i;
  }
}

TEST(Consumers, ASingleOneIsServedAndAnotherOnlyWhenItIsGone) {
  Consumers all;
  uint32_t peers = 7;
  EXPECT_EQ(all.next(true, peers), nullptr);
  EXPECT_EQ(peers, 0u);
  Consumer& first = all.add({.key = key(1), .credit = 0, .priority = -5});
  all.add({.key = key(2), .credit = 9, .priority = 5});
  EXPECT_EQ(all.next(true, peers), nullptr) << "it has no credit, and nobody stands in";
  all.set_credit(first, 1);
  EXPECT_EQ(all.next(true, peers), &first);
  all.deactivate(first);
  EXPECT_EQ(all.next(true, peers)->key, key(2));
}

TEST(Consumers, HoldersAreNoConsumers) {
  Consumers all;
  Consumer& holder = all.find_or_add_holder(key(1));
  EXPECT_EQ(&all.find_or_add_holder(key(1)), &holder);
  EXPECT_NE(&all.find_or_add_holder(key(1, 2)), &holder) << "of another session";
  all.set_credit(holder, 5);
  holder.exclusive = true;
  uint32_t peers = 0;
  EXPECT_EQ(all.active(), 0u);
  EXPECT_FALSE(all.has_exclusive());
  EXPECT_EQ(all.next(false, peers), nullptr);
  EXPECT_EQ(all.next(true, peers), nullptr);
}

TEST(Consumers, TheActiveAreCountedThroughEveryEnd) {
  Consumers all;
  Consumer& a = all.add({.key = key(1), .exclusive = true});
  Consumer& b = all.add({.key = key(2)});
  EXPECT_EQ(all.active(), 2u);
  EXPECT_TRUE(all.has_exclusive());
  all.deactivate(a);
  all.deactivate(a);
  EXPECT_EQ(all.active(), 1u);
  EXPECT_FALSE(all.has_exclusive());
  all.remove(key(1));
  EXPECT_EQ(all.active(), 1u);
  EXPECT_EQ(all.find(key(2)), &b) << "pointers stay valid";
  all.remove(key(2));
  all.remove(key(2));
  EXPECT_EQ(all.active(), 0u);
}

TEST(Consumers, NobodyLosesTurnsWhenAnotherLeaves) {
  Consumers all;
  for (uint32_t tag = 1; tag <= 3; ++tag) all.add({.key = key(tag), .credit = 1000});
  turns(all, 2);
  all.remove(key(1));
  auto got = turns(all, 100);
  EXPECT_EQ(got[2], 50);
  EXPECT_EQ(got[3], 50);
}

TEST(Consumers, CreditThatComesBackFindsTheOldPlace) {
  Consumers all;
  for (uint32_t tag = 1; tag <= 4; ++tag) all.add({.key = key(tag), .credit = 1});
  std::vector<uint32_t> order;
  for (int i = 0; i < 12; ++i) {
    uint32_t peers = 0;
    Consumer* next = all.next(false, peers);
    ASSERT_EQ(peers, 4u);
    order.push_back(next->key.tag.value);
    all.set_credit(*next, 0);
    all.set_credit(*next, 1);
  }
  EXPECT_THAT(order, testing::ElementsAre(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4));
  all.set_credit(*all.find(key(2)), 0);
  EXPECT_EQ(turns(all, 3), (std::map<uint32_t, int>{{1, 1}, {3, 1}, {4, 1}}));
}

TEST(ConsumersDeathTest, MistakesOfTheCallerEndTheProcess) {
  Consumers all;
  all.add({.key = key(1)}).held.add({Offset(3), 1});
  EXPECT_DEATH(all.add({.key = key(1)}), "consumer 1 of session 1 twice");
  EXPECT_DEATH(all.remove(key(1)), "held.empty");
}

}  // namespace
}  // namespace godwit::engine
