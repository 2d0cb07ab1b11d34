#include "engine/exchange/headers.h"

#include "kind_fixture.h"

namespace godwit::engine::exchange {
namespace {

using model::Value;
using model::ValueMap;

class HeadersTest : public KindFixture<Headers> {
 protected:
  void SetUp() override {
    for (const char* how : {"all", "any", "all-with-x", "any-with-x"}) {
      ValueMap arguments{{"x-match", Value(std::string(how))}, {"n", Value(int32_t{1})}, {"x-k", Value(true)}};
      bind(next_++, "", arguments);
    }
  }
  uint64_t next_ = 1;
};

TEST_F(HeadersTest, AllOrAnyWithOrWithoutX) {
  EXPECT_EQ(match("", {{"n", Value(int32_t{1})}, {"x-k", Value(true)}}), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(match("", {{"n", Value(int32_t{1})}}), (Numbers{1, 2, 4}));
  EXPECT_EQ(match("", {{"x-k", Value(true)}}), Numbers{4});
  EXPECT_EQ(match("", {{"n", Value(int32_t{2})}}), Numbers());
  EXPECT_EQ(match("", {}), Numbers());
}

TEST_F(HeadersTest, WithoutArgumentsAllIsEverythingAndAnyNothing) {
  bind(5, "");
  bind(6, "", {{"x-match", Value(std::string("any"))}});
  EXPECT_EQ(match("", {}), Numbers{5});
  unbind(5, "");
  unbind(6, "", {{"x-match", Value(std::string("any"))}});
  EXPECT_EQ(match("", {}), Numbers());
}

TEST_F(HeadersTest, AnArgumentWithoutValueAsksForTheName) {
  bind(5, "", {{"present", Value()}});
  EXPECT_EQ(match("", {{"present", Value(2.5)}}), Numbers{5});
  EXPECT_EQ(match("", {{"absent", Value()}}), Numbers());
}

TEST_F(HeadersTest, TheLastOfRepeatedHeadersCounts) {
  EXPECT_EQ(match("", {{"n", Value(int32_t{1})}, {"n", Value(int32_t{2})}}), Numbers());
  EXPECT_EQ(match("", {{"n", Value(int32_t{2})}, {"n", Value(int32_t{1})}}), (Numbers{1, 2, 4}));
}

TEST_F(HeadersTest, NothingIsDecodedWithoutBindings) {
  Headers empty;
  std::vector<TopicId> topics;
  Matches matches(topics);
  bool asked = false;
  static const ValueMap none;
  empty.match({"", [&]() -> const ValueMap& { return asked = true, none; }}, matches);
  EXPECT_FALSE(asked);
}

TEST_F(HeadersTest, ChecksHowToMatch) {
  EXPECT_TRUE(kind.check(binding("")));
  EXPECT_TRUE(kind.check(binding("", {{"x-match", Value(std::string("any-with-x"))}})));
  EXPECT_FALSE(kind.check(binding("", {{"x-match", Value(std::string("most"))}})));
  EXPECT_FALSE(kind.check(binding("", {{"x-match", Value(int32_t{1})}})));
}

TEST(HeaderMatches, ByValueWithinAClassOfTypes) {
  EXPECT_TRUE(header_matches(Value(int8_t{5}), Value(uint64_t{5})));
  EXPECT_FALSE(header_matches(Value(int32_t{-1}), Value(uint32_t{0xffffffff})));
  EXPECT_TRUE(header_matches(Value(0.5F), Value(0.5)));
  EXPECT_FALSE(header_matches(Value(int32_t{1}), Value(1.0)));
  EXPECT_FALSE(header_matches(Value(int32_t{1}), Value(true)));
  EXPECT_FALSE(header_matches(Value(std::string("1")), Value(int32_t{1})));
  EXPECT_FALSE(header_matches(Value(std::string("a")), Value(model::Symbol{"a"})));
  EXPECT_TRUE(header_matches(Value(ByteVec{1, 2}), Value(ByteVec{1, 2})));
}

}  // namespace
}  // namespace godwit::engine::exchange
