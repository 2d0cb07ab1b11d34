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
}

}  // namespace
}  // namespace godwit::model
