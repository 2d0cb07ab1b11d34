#include "engine/group_queue.h"

#include <deque>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

std::optional<int64_t> next(const GroupQueue& queue, uint64_t call = 0, const char* only = nullptr) {
  std::string group = only ? only : "";
  auto found = queue.next(call, only ? &group : nullptr);
  return found ? std::optional(found->offset.value) : std::nullopt;
}

TEST(GroupQueue, AGroupInFlightIsBlockedForAllButItsCall) {
  GroupQueue queue;
  for (int64_t offset : {1, 2, 4}) queue.add_ready("a", Offset(offset));
  queue.add_ready("b", Offset(3));
  EXPECT_EQ(next(queue, 7), 1);
  queue.hold("a", Offset(1), 7);
  EXPECT_EQ(next(queue, 7), 2) << "the call that took the first";
  EXPECT_EQ(next(queue, 8), 3);
  EXPECT_EQ(next(queue, 0), 3);
  queue.hold("a", Offset(2), 7);
  queue.remove("a", Offset(1), true);
  EXPECT_EQ(next(queue, 8), 3) << "2 is still in flight";
  queue.remove("a", Offset(2), true);
  queue.hold("b", Offset(3), 8);
  EXPECT_EQ(next(queue, 9), 4);
}

TEST(GroupQueue, ConsumersAreNoCall) {
  GroupQueue queue;
  queue.add_ready("a", Offset(1));
  queue.add_ready("a", Offset(2));
  queue.hold("a", Offset(1), 0);
  EXPECT_EQ(next(queue, 0), std::nullopt);
  queue.remove("a", Offset(1), true);
  EXPECT_EQ(next(queue, 0), 2);
}

TEST(GroupQueue, WhatComesBackStandsInItsPlace) {
  GroupQueue queue;
  for (int64_t offset : {5, 6, 7}) queue.add_ready("a", Offset(offset));
  queue.hold("a", Offset(5), 1);
  queue.hold("a", Offset(6), 1);
  queue.give_back("a", Offset(6));
  EXPECT_EQ(next(queue, 2), std::nullopt);
  queue.give_back("a", Offset(5));
  EXPECT_EQ(next(queue, 2), 5);
  EXPECT_EQ(queue.ready(), 3u);
}

TEST(GroupQueue, ALockedGroupIsSeenByItsSessionAlone) {
  GroupQueue queue;
  queue.set_locked("a", true);  // before there is a message
  queue.add_ready("a", Offset(1));
  queue.add_ready("a", Offset(2));
  queue.add_ready("b", Offset(3));
  EXPECT_EQ(next(queue, 1), 3);
  EXPECT_EQ(queue.next_unlocked(), "b");
  EXPECT_EQ(next(queue, 1, "a"), 1);
  queue.hold("a", Offset(1), 0);
  EXPECT_EQ(next(queue, 1, "a"), 2) << "a session has as many in flight as it likes";
  EXPECT_EQ(next(queue, 1, "none"), std::nullopt);
  queue.set_locked("a", false);
  EXPECT_EQ(next(queue, 1), 3) << "1 is still in flight";
  queue.give_back("a", Offset(1));
  EXPECT_EQ(next(queue, 1), 1);
  queue.set_locked("none", false);
}

TEST(GroupQueue, WhatIsGoneBeforeItWasTakenIsNoLongerNext) {
  GroupQueue queue;
  queue.add_ready("a", Offset(1));
  queue.add_ready("a", Offset(2));
  queue.remove("a", Offset(1), false);
  EXPECT_FALSE(queue.is_ready("a", Offset(1)));
  EXPECT_EQ(next(queue), 2);
  queue.remove("a", Offset(9), false);
  queue.remove("none", Offset(1), false);
  EXPECT_EQ(queue.ready(), 1u);
  queue.add_ready("a", Offset(2));
  EXPECT_EQ(queue.ready(), 1u) << "once";
}

TEST(GroupQueueDeathTest, NothingComesBackThatWasNotTaken) {
  GroupQueue queue;
  queue.add_ready("a", Offset(1));
  EXPECT_DEATH(queue.give_back("a", Offset(1)), "group a");
  EXPECT_DEATH(queue.remove("a", Offset(1), true), "group a");
  EXPECT_DEATH(queue.hold("a", Offset(2), 1), "group a offset 2");
}

/// The same rules over plain lists: what is next is looked for among all messages.
class Model {
 public:
  struct Message {
    std::string group;
    bool held = false;
    uint64_t call = 0;
  };
  std::map<int64_t, Message> messages;
  std::map<std::string, uint64_t> last_call;

  std::optional<int64_t> next(uint64_t call) const {
    for (const auto& [offset, m] : messages)
      if (!m.held && (!in_flight(m.group) || (call != 0 && last_call.at(m.group) == call))) return offset;
    return std::nullopt;
  }

 private:
  bool in_flight(const std::string& group) const {
    return std::any_of(messages.begin(), messages.end(),
                       [&](const auto& entry) { return entry.second.group == group && entry.second.held; });
  }
};

TEST(GroupQueue, AgreesWithASearchThroughAllMessages) {
  std::mt19937 random(20);
  for (int round = 0; round < 50; ++round) {
    GroupQueue queue;
    Model model;
    int64_t end = 0;
    for (int step = 0; step < 300; ++step) {
      auto pick = [&]() -> std::map<int64_t, Model::Message>::iterator {
        if (model.messages.empty()) return model.messages.end();
        return std::next(model.messages.begin(), static_cast<int64_t>(random() % model.messages.size()));
      };
      switch (random() % 4) {
        case 0: {
          std::string group(1, static_cast<char>('a' + random() % 4));
          queue.add_ready(group, Offset(end));
          model.messages[end++] = {group};
          break;
        }
        case 1: {
          uint64_t call = random() % 3;
          auto wanted = model.next(call);
          ASSERT_EQ(next(queue, call), wanted);
          if (!wanted) break;
          Model::Message& m = model.messages[*wanted];
          queue.hold(m.group, Offset(*wanted), call);
          m.held = true;
          model.last_call[m.group] = call;
          break;
        }
        case 2: {
          auto it = pick();
          if (it == model.messages.end() || !it->second.held) break;
          queue.give_back(it->second.group, Offset(it->first));
          it->second.held = false;
          break;
        }
        default: {
          auto it = pick();
          if (it == model.messages.end()) break;
          queue.remove(it->second.group, Offset(it->first), it->second.held);
          model.messages.erase(it);
        }
      }
      uint64_t ready = 0;
      for (const auto& [offset, m] : model.messages) {
        ready += !m.held;
        ASSERT_EQ(queue.is_ready(m.group, Offset(offset)), !m.held);
      }
      ASSERT_EQ(queue.ready(), ready);
    }
  }
}

}  // namespace
}  // namespace godwit::engine
