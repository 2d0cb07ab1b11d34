#include "broker/delivery_round.h"

#include "scenario/scenario.h"

namespace godwit::broker {
namespace {

using History = engine::Ledger::History;

class AddRun : public ::testing::Test {
 protected:
  AddRun() {
    delivered_.batch = scenario::batch_of(std::vector<scenario::Text>(10));
    delivered_.batch.header.base_offset = Offset(100);
  }
  void add(int64_t first, uint32_t count, History history = {}, uint32_t attempt = 0) {
    add_run(delivered_, {Offset(first), count}, history, attempt);
  }
  /// Index and count of each run.
  std::vector<std::pair<uint32_t, uint32_t>> runs() const {
    std::vector<std::pair<uint32_t, uint32_t>> runs;
    for (const model::DeliveredRun& run : delivered_.runs) runs.emplace_back(run.index, run.count);
    return runs;
  }

  model::DeliveredBatch delivered_;
};

using Runs = std::vector<std::pair<uint32_t, uint32_t>>;

TEST_F(AddRun, NeighboursOfOneHistoryJoin) {
  add(101, 2);
  add(103, 1);
  add(105, 1);
  EXPECT_EQ(runs(), (Runs{{1, 3}, {5, 1}}));
}

TEST_F(AddRun, AnOtherHistoryIsAnotherRun) {
  add(100, 1);
  add(101, 1, {.redelivered = true});
  add(102, 1, {.mark = {.failed = 1}, .redelivered = true});
  add(103, 1, {.mark = {.failed = 1, .acquired = 1}, .redelivered = true});
  EXPECT_EQ(runs(), (Runs{{0, 1}, {1, 1}, {2, 1}, {3, 1}}));
  EXPECT_EQ(delivered_.runs[3].acquired, 1u);
}

TEST_F(AddRun, AnAttemptOfItsOwnNeverJoins) {
  add(100, 1, {}, 7);
  add(101, 1);
  add(102, 1, {}, 8);
  EXPECT_EQ(runs(), (Runs{{0, 1}, {1, 1}, {2, 1}}));
}

}  // namespace
}  // namespace godwit::broker
