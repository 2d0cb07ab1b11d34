#include <string>

#include <gtest/gtest.h>

#include "model/settings.h"

namespace godwit::model {
namespace {

TEST(Name, LengthIsBoundedInBytes) {
  EXPECT_FALSE(valid_name(""));
  EXPECT_TRUE(valid_name(std::string(255, 'x')));
  EXPECT_FALSE(valid_name(std::string(256, 'x')));
}

TEST(Name, IsText) {
  EXPECT_TRUE(valid_name("bestellungen/größe"));
  EXPECT_FALSE(valid_name("a\xff"));
  EXPECT_TRUE(valid_name("a b\u00a0c"));
  for (std::string_view control : {std::string_view("\0", 1), std::string_view("\n"), std::string_view("\x1b"),
                                   std::string_view("\x7f"), std::string_view("\u0085"), std::string_view("\u009b")})
    EXPECT_FALSE(valid_name("a" + std::string(control) + "b"));
}

}  // namespace
}  // namespace godwit::model
