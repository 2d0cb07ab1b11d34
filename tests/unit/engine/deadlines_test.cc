#include "engine/deadlines.h"

#include <gmock/gmock.h>

#include "engine/ledger.h"

namespace godwit::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Deadlines, TheEarliestComesFirstAndWhatIsDueComesInOrderOfKeys) {
  Deadlines<int> deadlines;
  EXPECT_FALSE(deadlines.next());
  deadlines.add(30, 1);
  deadlines.add(10, 3);
  deadlines.add(20, 2);
  EXPECT_EQ(deadlines.next(), 10);
  EXPECT_THAT(deadlines.due(9), IsEmpty());
  EXPECT_THAT(deadlines.due(20), ElementsAre(2, 3));
  deadlines.remove(10, 3);
  EXPECT_EQ(deadlines.next(), 20);
}

class LedgerDeadlines : public testing::Test {
 protected:
  LedgerDeadlines() { ledger.apply_append(Offset(0), 3, {}); }
  Ledger ledger{LedgerOpened{LedgerId{QueueId(1), {TopicId(1), 0}}, Offset(0)}};
};

TEST_F(LedgerDeadlines, ARenewalReplacesTheDeadline) {
  ledger.apply(Leased{ledger.id(), {{Offset(0), 2}}, 100, 1});
  ledger.apply(Leased{ledger.id(), {{Offset(0), 1}}, 500, 0});
  EXPECT_EQ(ledger.next_deadline(), 100);
  EXPECT_THAT(ledger.overdue(100).leases, ElementsAre(OffsetRun{Offset(1), 1}));
  ledger.apply(Settled{ledger.id(), SettledAs::kAccepted, {{Offset(0), 2}}});
  EXPECT_FALSE(ledger.next_deadline());
}

TEST_F(LedgerDeadlines, WhatIsLeavingHasNoneUntilItComesBack) {
  ledger.apply(Leased{ledger.id(), {{Offset(0), 1}}, 100, 1});
  ledger.leave({Offset(0), 1});
  EXPECT_TRUE(ledger.is_leaving(Offset(0)));
  EXPECT_FALSE(ledger.next_deadline()) << "its lease cannot run out any more";
  ledger.apply(Returned{ledger.id(), {{Offset(0), 1}}, false, 0});
  EXPECT_FALSE(ledger.is_leaving(Offset(0)));
  EXPECT_EQ(ledger.first_ready(Offset(3)), Offset(0));
}

TEST_F(LedgerDeadlines, AHiddenMessageIsReadyOnceItsTimeHasCome) {
  ledger.apply(Returned{ledger.id(), {{Offset(1), 1}}, true, 200});
  EXPECT_EQ(ledger.next_deadline(), 200);
  EXPECT_EQ(ledger.ready(), 2u);
  ledger.unhide(ledger.overdue(200).hidden);
  EXPECT_EQ(ledger.ready(), 3u);
  EXPECT_FALSE(ledger.next_deadline());
}

}  // namespace
}  // namespace godwit::engine
