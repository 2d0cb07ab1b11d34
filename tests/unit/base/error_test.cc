#include "base/error.h"

#include <set>

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Error, EveryCodeHasATextOfItsOwn) {
  std::set<std::string_view> texts;
  int codes = static_cast<int>(ErrorCode::kIo) + 1;
  for (int code = 0; code < codes; ++code) texts.insert(to_string(static_cast<ErrorCode>(code)));
  EXPECT_EQ(texts.size(), static_cast<size_t>(codes));
  EXPECT_FALSE(texts.contains(""));
}

TEST(ErrorDeathTest, ACodeThatIsNoneIsABug) {
  EXPECT_DEATH((void)to_string(static_cast<ErrorCode>(999)), "unknown error code 999");
}

TEST(Error, AFailureConvertsToAnyResult) {
  Result<int> number = fail(ErrorCode::kNotFound, "no such number");
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().code, ErrorCode::kNotFound);
  Result<void> nothing = std::unexpected(std::move(number.error()));
  EXPECT_EQ(nothing.error().message, "no such number");
}

}  // namespace
}  // namespace godwit
