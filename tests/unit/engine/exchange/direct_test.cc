#include "engine/exchange/direct.h"

#include "kind_fixture.h"

namespace godwit::engine::exchange {
namespace {

using DirectTest = KindFixture<Direct>;

TEST_F(DirectTest, MatchesTheWholeKeyOnly) {
  bind(1, "a");
  bind(2, "a");
  bind(3, "ab");
  bind(4, "");
  EXPECT_EQ(match("a"), (Numbers{1, 2}));
  EXPECT_EQ(match("ab"), Numbers{3});
  EXPECT_EQ(match(""), Numbers{4});
  EXPECT_EQ(match("A"), Numbers());
}

TEST_F(DirectTest, ATargetStaysWhileOneOfItsBindingsDoes) {
  bind(1, "a");
  bind(1, "a", {{"x", model::Value(true)}});
  unbind(1, "a");
  EXPECT_EQ(match("a"), Numbers{1});
  unbind(1, "a", {{"x", model::Value(true)}});
  EXPECT_EQ(match("a"), Numbers());
}

}  // namespace
}  // namespace godwit::engine::exchange
