#include "engine/ledger.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/fields.h"

namespace godwit::engine {
namespace {

const LedgerId kId{QueueId(1), PartitionId{TopicId(1), 0}};

ByteVec snapshot(const Ledger& ledger) {
  ByteVec bytes;
  encode_fields(ledger, bytes);
  return bytes;
}

/// What a restart makes of the ledger.
Ledger read_back(const ByteVec& bytes) {
  Ledger ledger;
  Reader in(bytes);
  EXPECT_TRUE(decode_fields(in, 1, ledger));
  ledger.rebuild();
  ledger.restart();
  return ledger;
}

std::vector<Facet> of_groups(std::initializer_list<const char*> groups) {
  std::vector<Facet> facets;
  for (const char* group : groups) facets.push_back({.group = group});
  return facets;
}

TEST(Ledger, GroupsThatHaveEndedLeaveNothingBehind) {
  Ledger ledger(LedgerOpened{kId, Offset(0), 1, true});
  size_t small = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    std::string name = "customer " + std::to_string(1'000'000 + i);
    ledger.apply_append(Offset(i), 1, of_groups({name.c_str()}));
    ledger.apply(Settled{kId, SettledAs::kAccepted, {{Offset(i), 1}}});
    if (i == 0) small = snapshot(ledger).size();
  }
  EXPECT_LE(snapshot(ledger).size(), small);
}

TEST(Ledger, ANameThatComesBackIsTheSameGroup) {
  Ledger ledger(LedgerOpened{kId, Offset(0), 1, true});
  ledger.apply_append(Offset(0), 3, of_groups({"a", "b", "a"}));
  ledger.apply(Settled{kId, SettledAs::kAccepted, {{Offset(0), 2}}});
  ledger.apply_append(Offset(3), 3, of_groups({"c", "a", "b"}));
  ASSERT_EQ(ledger.pick_for_call(Offset(6), 9, 1, nullptr)->first, Offset(2));
  ledger.hold({Offset(2), 1}, nullptr, 1);
  EXPECT_EQ(ledger.pick_for_call(Offset(6), 9, 0, nullptr)->first, Offset(3)) << "4 stands behind 2";
  ledger.hold({Offset(3), 1}, nullptr, 0);
  EXPECT_EQ(ledger.pick_for_call(Offset(6), 9, 0, nullptr)->first, Offset(5));
  EXPECT_EQ(ledger.pick_for_call(Offset(6), 9, 1, nullptr)->first, Offset(4)) << "the call that has 2 goes on";
}

TEST(Ledger, OffersTheHighestLaneAndDropsFromTheLowest) {
  Ledger ledger(LedgerOpened{kId, Offset(0), 3, false});
  std::vector<Facet> facets;
  for (uint8_t priority : {0, 2, 1, 9}) facets.push_back({.priority = priority});
  ledger.apply_append(Offset(0), 4, facets);
  std::vector<int64_t> order;
  while (auto run = ledger.pick_for_call(Offset(4), 1, 0, nullptr)) {
    order.push_back(run->first.value);
    ledger.hold(*run, nullptr);
  }
  EXPECT_EQ(order, (std::vector<int64_t>{1, 3, 2, 0})) << "above the highest lane is in it";
  ledger.apply(Returned{kId, {{Offset(0), 4}}, false, 0});
  ASSERT_EQ(ledger.oldest_ready(2).size(), 2u);
  EXPECT_EQ(ledger.oldest_ready(2)[0].first, Offset(0));
  EXPECT_EQ(ledger.oldest_ready(2)[1].first, Offset(2));
}

TEST(Ledger, ASettlementEndsAllThatWasKnown) {
  Ledger ledger(LedgerOpened{kId, Offset(0), 1, false});
  ledger.apply_append(Offset(0), 2, {});
  ByteVec untouched = snapshot(ledger);
  ledger.apply_append(Offset(2), 4, {});
  ledger.apply(Returned{kId, {{Offset(2), 2}}, true, 0});
  ledger.apply(Leased{kId, {{Offset(3), 1}}, 100, 0});
  ledger.apply(Deferred{kId, {{Offset(4), 1}}});
  ledger.apply(Returned{kId, {{Offset(5), 1}}, false, 200});
  ledger.leave({Offset(2), 1});
  ledger.apply(Settled{kId, SettledAs::kRejected, {{Offset(2), 4}}});
  EXPECT_EQ(snapshot(ledger), untouched);
  EXPECT_FALSE(ledger.next_deadline());
  EXPECT_FALSE(ledger.is_leaving(Offset(2)));
}

/// A ledger beside a list of its messages' states: what the ledger says is looked for among all of them.
class Walk {
 public:
  Walk(uint32_t seed, bool grouped) : random_(seed), ledger_(LedgerOpened{kId, Offset(0), 3, grouped}) {
    ledger_.count_bytes();
  }

  void step() {
    auto it = messages_.begin();
    if (!messages_.empty()) std::advance(it, random_() % messages_.size());
    if (random_() % 4 == 0 || it == messages_.end()) return append();
    move(it, {Offset(it->first), 1});
  }

  void expect_agreement() const {
    uint64_t bytes = 0;
    for (const auto& [offset, m] : messages_) {
      bytes += m.state == State::kReady ? m.bytes : 0;
      ASSERT_TRUE(ledger_.is_unsettled(Offset(offset)));
    }
    ASSERT_EQ(ledger_.ready_bytes(), bytes);
    ASSERT_EQ(ledger_.unsettled_count(), messages_.size());
    ASSERT_EQ(ledger_.ready(), count(State::kReady));
    for (const auto& [offset, m] : messages_) {
      ASSERT_EQ(ledger_.deferred().contains(Offset(offset)), m.deferred);
      ASSERT_EQ(ledger_.is_aside(Offset(offset)), m.state == State::kAside);
    }
    ASSERT_EQ(ledger_.hidden(), count(State::kHidden));
    ASSERT_EQ(ledger_.leases().size(), count(State::kLeased));
  }

  /// A restart has the same facts, everything that a connection had is ready, and it goes on alike.
  void expect_the_same_after_a_restart() {
    ByteVec facts = snapshot(ledger_);
    Ledger again = read_back(facts);
    EXPECT_EQ(snapshot(again), facts);
    EXPECT_EQ(again.ready(), count(State::kReady) + count(State::kHeld) + count(State::kLeaving));
    std::vector<Facet> one{{.group = "new"}};
    ledger_.apply_append(Offset(end_), 1, one);
    again.apply_append(Offset(end_), 1, one);
    EXPECT_EQ(snapshot(again), snapshot(ledger_));
  }

 private:
  enum class State { kReady, kHeld, kLeased, kAside, kHidden, kLeaving };
  struct Message {
    State state = State::kReady;
    bool deferred = false;
    uint64_t bytes = 0;
  };
  using Messages = std::map<int64_t, Message>;

  uint64_t count(State state) const {
    return static_cast<uint64_t>(std::ranges::count_if(messages_, [&](auto& m) { return m.second.state == state; }));
  }

  void append() {
    uint32_t n = 1 + random_() % 3;
    std::vector<Facet> facets;
    for (uint32_t i = 0; i < n; ++i)
      facets.push_back({.priority = static_cast<uint8_t>(random_() % 4), .group = random_() % 2 ? "" : "g"});
    ledger_.apply_append(Offset(end_), n, facets);
    for (uint32_t i = 0; i < n; ++i, ++end_) {
      messages_[end_].bytes = random_() % 5;
      ledger_.set_size(Offset(end_), Offset(end_ + 1), messages_[end_].bytes);
    }
  }

  void move(Messages::iterator it, OffsetRun run) {
    State& state = it->second.state;
    switch (random_() % 6) {
      case 0:
        if (state == State::kReady) ledger_.hold(run, nullptr), state = State::kHeld;
        break;
      case 1:
        ledger_.apply(Settled{kId, SettledAs::kAccepted, {run}});
        messages_.erase(it);
        break;
      case 2: {
        if (state == State::kReady) break;
        bool hide = random_() % 2;
        ledger_.apply(Returned{kId, {run}, random_() % 2 == 0, hide ? 1000 : 0});
        state = it->second.deferred ? State::kAside : hide ? State::kHidden : State::kReady;
        break;
      }
      case 3:
        if (state == State::kLeaving) break;
        ledger_.apply(Leased{kId, {run}, 500, attempt_++});
        state = State::kLeased;
        break;
      case 4:
        if (state != State::kHeld && state != State::kLeased) break;
        ledger_.apply(Deferred{kId, {run}});
        state = State::kAside;
        it->second.deferred = true;
        break;
      default:
        if (state == State::kReady) ledger_.leave(run), state = State::kLeaving;
    }
  }

  std::mt19937 random_;
  Ledger ledger_;
  Messages messages_;
  int64_t end_ = 0;
  uint32_t attempt_ = 1;
};

class LedgerModel : public testing::TestWithParam<bool> {};

TEST_P(LedgerModel, AgreesWithAListOfStates) {
  for (uint32_t seed = 0; seed < 30; ++seed) {
    Walk walk(seed, GetParam());
    for (int step = 0; step < 200; ++step) {
      walk.step();
      ASSERT_NO_FATAL_FAILURE(walk.expect_agreement()) << "seed " << seed << " step " << step;
    }
    walk.expect_the_same_after_a_restart();
  }
}

INSTANTIATE_TEST_SUITE_P(Grouped, LedgerModel, testing::Bool());

}  // namespace
}  // namespace godwit::engine
