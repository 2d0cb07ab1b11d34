#include "protocol/amqp091/fault.h"

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

TEST(Fault, EveryErrorHasACodeAndAScope) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kIo); ++code) {
    Fault fault = fault_of({static_cast<ErrorCode>(code), ""});
    auto number = static_cast<int>(fault.code);
    bool hard = number >= 500 ? number != 506 : number == 320;
    EXPECT_EQ(fault.scope == Scope::kConnection, hard) << code;
    EXPECT_FALSE(fault.detail.empty()) << code;
  }
  EXPECT_EQ(fault_of({ErrorCode::kNotFound, "x"}).text(), "NOT_FOUND - x");
}

TEST(Fault, ATextIsCutBetweenCharacters) {
  Fault fault{Scope::kChannel, ReplyCode::kNotFound, std::string(242, 'x') + "ä"};
  EXPECT_EQ(fault.text().size(), 254u);
  fault.detail = std::string(400, 'x');
  EXPECT_EQ(fault.text().size(), 255u);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
