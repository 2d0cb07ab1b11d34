#include "base/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Utf8, AcceptsWhatUnicodeCallsWellFormed) {
  for (const char* text : {"", "plain", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80",
                           "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(Utf8, RefusesOverlongSurrogateAndCutSequences) {
  for (const char* text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\xff"})
    EXPECT_FALSE(is_utf8(text));
}

TEST(Utf8, EachBytesThatIsNoneBecomesTheReplacementCharacter) {
  EXPECT_EQ(to_utf8("a\u00e9\U0001f600"), "a\u00e9\U0001f600");
  EXPECT_EQ(to_utf8("a\xff\xfe"
                    "b"),
            "a\uFFFD\uFFFD"
            "b");
  EXPECT_EQ(to_utf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(to_utf8("\xe2\x82"), "\uFFFD\uFFFD");
  EXPECT_EQ(to_utf8(""), "");
}

}  // namespace
}  // namespace godwit
