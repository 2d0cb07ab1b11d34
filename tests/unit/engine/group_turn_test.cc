#include "engine/group_turn.h"

#include <gmock/gmock.h>

namespace godwit::engine {
namespace {

TEST(GroupTurn, ALongListIsSeveralRecords) {
  GroupSettings settings{.piece_bytes = 100};
  GroupStore store;
  GroupTurn turn{.settings = settings, .store = store, .now = {}, .out = {}};
  SubscriptionChanged empty{.group = "g", .changed_ms = 7};
  turn.emit_in_pieces(empty, &SubscriptionChanged::added, {});
  EXPECT_TRUE(turn.out.records.empty());

  std::vector<std::string> topics{std::string(500, 'a')};
  for (int i = 0; i < 9; ++i) topics.push_back(std::to_string(i) + std::string(29, 'b'));
  turn.emit_in_pieces(empty, &SubscriptionChanged::added, topics);
  std::vector<size_t> counts;
  for (const GroupRecord& record : turn.out.records) {
    const auto& changed = std::get<SubscriptionChanged>(record);
    EXPECT_EQ(changed.group, "g");
    EXPECT_EQ(changed.changed_ms, 7);
    counts.push_back(changed.added.size());
  }
  EXPECT_THAT(counts, testing::ElementsAre(1, 3, 3, 3)) << "34 bytes each, to 100 or just above";
  EXPECT_EQ(store.find("g")->topics.size(), topics.size());
}

}  // namespace
}  // namespace godwit::engine
