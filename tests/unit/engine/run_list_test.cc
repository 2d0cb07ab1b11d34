#include "engine/run_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

using model::OffsetRun;
using testing::ElementsAre;
using testing::IsEmpty;

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
