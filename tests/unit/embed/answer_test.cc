#include "embed/answer.h"

#include <optional>

#include <gtest/gtest.h>

namespace godwit::embed {
namespace {

TEST(Answer, IsWhatWasGiven) {
  std::optional<Answer<int>> answer(std::in_place);
  auto future = answer->future();
  answer->give(7);
  answer.reset();
  EXPECT_EQ(future.get(), 7);
}

TEST(Answer, SaysWhenItWasDropped) {
  std::optional<Answer<void>> answer(std::in_place);
  auto future = answer->future();
  answer.reset();
  EXPECT_EQ(future.get().error().code, "stopping");
}

}  // namespace
}  // namespace godwit::embed
