#include "base/base64.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Base64, TheExamplesOfTheRfc) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    auto back = from_base64(encoded);
    ASSERT_TRUE(back) << encoded;
    EXPECT_EQ(as_string(*back), plain);
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zm9v!", "Z=m9", "Zm9vZ"}) EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace godwit
