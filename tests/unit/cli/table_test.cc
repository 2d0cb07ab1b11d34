#include "cli/table.h"

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

TEST(Table, NumbersStandRightAndTextLeft) {
  Table table({"NAME", "READY"});
  table.add({"orders", "7"});
  table.add({"é", "12345"});
  EXPECT_EQ(table.text(), "NAME    READY\norders      7\né       12345\n");
}

TEST(Table, AnEmptyTableIsItsHeads) { EXPECT_EQ(Table({"NAME"}).text(), "NAME\n"); }

}  // namespace
}  // namespace godwit::cli
