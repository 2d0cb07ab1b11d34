#include "engine/run_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

using model::OffsetRun;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(RunList, WhatIsNamedTwiceIsThereOnce) {
  EXPECT_THAT(in_order({}), IsEmpty());
  EXPECT_THAT(in_order({{Offset(0), 2}, {Offset(2), 1}}),
              ElementsAre(OffsetRun{Offset(0), 2}, OffsetRun{Offset(2), 1}));
  EXPECT_THAT(in_order({{Offset(7), 1}, {Offset(7), 1}, {Offset(7), 1}}), ElementsAre(OffsetRun{Offset(7), 1}));
  EXPECT_THAT(in_order({{Offset(5), 10}, {Offset(6), 2}, {Offset(0), 6}, {Offset(14), 3}}),
              ElementsAre(OffsetRun{Offset(0), 6}, OffsetRun{Offset(6), 9}, OffsetRun{Offset(15), 2}));
}

TEST(RunList, TheFirstAreCutInOrder) {
  std::vector<OffsetRun> runs{{Offset(10), 5}, {Offset(0), 2}, {Offset(20), 1}};
  EXPECT_THAT(first_of(runs, 100),
              ElementsAre(OffsetRun{Offset(0), 2}, OffsetRun{Offset(10), 5}, OffsetRun{Offset(20), 1}));
  EXPECT_THAT(first_of(runs, 7), ElementsAre(OffsetRun{Offset(0), 2}, OffsetRun{Offset(10), 5}));
  EXPECT_THAT(first_of(runs, 3), ElementsAre(OffsetRun{Offset(0), 2}, OffsetRun{Offset(10), 1}));
  EXPECT_THAT(first_of(runs, 0), IsEmpty());
  EXPECT_THAT(first_of({}, 3), IsEmpty());
}

}  // namespace
}  // namespace godwit::engine
