#include "broker/authorize.h"

#include <gtest/gtest.h>

namespace godwit::broker {
namespace {

TEST(Authorize, WhoHasNotAuthenticatedMayDoNothing) {
  for (bool admin : {false, true}) {
    Result<void> done = authorize({"", admin}, model::Append{});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kAccessDenied);
  }
  EXPECT_TRUE(authorize({"guest", false}, model::Append{}));
}

}  // namespace
}  // namespace godwit::broker
