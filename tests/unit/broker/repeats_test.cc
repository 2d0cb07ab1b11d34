#include "broker/repeats.h"

#include "model/native_message.h"
#include "scenario/scenario.h"

namespace godwit::broker {
namespace {

using scenario::batch_of;

std::vector<std::string> bodies(const model::Batch& batch) {
  std::vector<std::string> bodies;
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  while (in.next(m)) bodies.emplace_back(as_string(m.body));
  EXPECT_EQ(bodies.size(), batch.header.count);
  return bodies;
}

class Repeats : public ::testing::Test {
 protected:
  Repeats() {
    partition_.end = Offset(100);
    partition_.dedup.remember("known", Offset(7), 1'000);
  }
  std::vector<std::pair<uint32_t, int64_t>> take_out(model::Batch& batch, int64_t wall_ms = 500) {
    std::vector<std::pair<uint32_t, int64_t>> places;
    for (const auto& repeated : take_out_repeats(partition_, batch, wall_ms))
      places.emplace_back(repeated.index, repeated.offset.value);
    return places;
  }

  engine::Partition partition_;
};

using Places = std::vector<std::pair<uint32_t, int64_t>>;

TEST_F(Repeats, WithoutAnyTheBatchStaysAsItIs) {
  model::Batch batch = batch_of({{.body = "a", .dedup_id = "x"}, {.body = "b"}, {.body = "c", .dedup_id = "y"}});
  const uint8_t* payload = batch.payload.data();
  EXPECT_EQ(take_out(batch), Places{});
  EXPECT_EQ(batch.payload.data(), payload);
}

TEST_F(Repeats, AreToldWhereTheFirstOneIs) {
  model::Batch batch = batch_of({{.body = "0", .dedup_id = "known"},
                                 {.body = "1"},
                                 {.body = "2", .dedup_id = "new"},
                                 {.body = "3", .dedup_id = "known"},
                                 {.body = "4", .dedup_id = "new"},
                                 {.body = "5"}},
                                42);
  EXPECT_EQ(take_out(batch), (Places{{0, 7}, {3, 7}, {4, 101}}));  // "new" becomes the second that is appended
  EXPECT_EQ(bodies(batch), (std::vector<std::string>{"1", "2", "5"}));
  EXPECT_EQ(batch.header.max_timestamp_ms, 42);
}

TEST_F(Repeats, AWindowThatHasEndedForgets) {
  model::Batch batch = batch_of({{.body = "a", .dedup_id = "known"}});
  EXPECT_EQ(take_out(batch, 1'000), Places{});
}

TEST_F(Repeats, ABatchOfNothingElseIsEmpty) {
  model::Batch batch = batch_of({{.body = "a", .dedup_id = "known"}, {.body = "b", .dedup_id = "known"}});
  EXPECT_EQ(take_out(batch), (Places{{0, 7}, {1, 7}}));
  EXPECT_EQ(batch.header.count, 0u);
}

TEST(TakeOutFirst, LeavesTheRest) {
  model::Batch batch = batch_of({{.body = "a"}, {.body = "b"}, {.body = "c", .priority = uint8_t{3}}});
  take_out_first(batch, 2);
  EXPECT_EQ(bodies(batch), (std::vector<std::string>{"c"}));
  EXPECT_TRUE(batch.header.flags & model::kHasPriority);
  EXPECT_DEATH(take_out_first(batch, 1), "CHECK failed");
}

}  // namespace
}  // namespace godwit::broker
