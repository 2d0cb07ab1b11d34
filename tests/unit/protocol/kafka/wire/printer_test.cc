#include "protocol/kafka/wire/printer.h"

#include <gtest/gtest.h>

#include "protocol/kafka/messages/group.h"

namespace godwit::protocol::kafka {
namespace {

TEST(Printer, PrintsNamesAndValues) {
  HeartbeatRequest beat{.group = "g", .generation = 3, .member_id = "m", .instance_id = {}};
  EXPECT_EQ(wire::print(beat, 3), R"({group: "g", generation: 3, member_id: "m", instance_id: null})");
  EXPECT_EQ(wire::print(beat, 0), R"({group: "g", generation: 3, member_id: "m"})");
}

}  // namespace
}  // namespace godwit::protocol::kafka
