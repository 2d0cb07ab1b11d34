#include "base/front_vector.h"

#include <deque>
#include <memory>
#include <random>

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(FrontVector, BehavesLikeADeque) {
  std::mt19937 random(3);
  FrontVector<int> tried;
  std::deque<int> model;
  for (int step = 0; step < 50'000; ++step) {
    const auto draw = [&](size_t n) { return static_cast<size_t>(random() % n); };
    const size_t at = draw(model.size() + 1);
    switch (draw(4)) {
      case 0:
        tried.push_back(step);
        model.push_back(step);
        break;
      case 1:
        tried.insert(tried.begin() + static_cast<ptrdiff_t>(at), step);
        model.insert(model.begin() + static_cast<ptrdiff_t>(at), step);
        break;
      default: {
        const size_t from = draw(2) == 0 ? 0 : at;
        const size_t to = from + draw(std::min<size_t>(model.size() - from, 3) + 1);
        tried.erase(tried.begin() + static_cast<ptrdiff_t>(from), tried.begin() + static_cast<ptrdiff_t>(to));
        model.erase(model.begin() + static_cast<ptrdiff_t>(from), model.begin() + static_cast<ptrdiff_t>(to));
      }
    }
    ASSERT_EQ(std::deque<int>(tried.begin(), tried.end()), model) << "step " << step;
    ASSERT_EQ(tried.size(), model.size());
    ASSERT_EQ(tried.empty(), model.empty());
    if (!model.empty()) {
      ASSERT_TRUE(tried.front() == model.front() && tried.back() == model.back());
    }
  }
}

TEST(FrontVector, MovesInAndPopsAndKeepsNothingLarge) {
  struct Large {
    std::unique_ptr<int> value;
    char rest[300] = {};
  };
  FrontVector<Large> tried;
  for (int n = 0; n < 3; ++n) tried.push_back({std::make_unique<int>(n)});
  tried.pop_front();
  EXPECT_EQ(*tried.front().value, 1);
  tried.pop_front(), tried.pop_front();
  EXPECT_TRUE(tried.empty());
  std::weak_ptr<int> last;
  FrontVector<std::shared_ptr<int>> shared;
  shared.push_back(std::make_shared<int>(7));
  last = shared.front();
  shared.pop_front();
  EXPECT_TRUE(last.expired());
}

TEST(FrontVector, ComparesWhatIsThereNotWhatWasRemoved) {
  FrontVector<int> a, b;
  for (int n = 0; n < 5; ++n) a.push_back(n);
  for (int n = 1; n < 5; ++n) b.push_back(n);
  EXPECT_FALSE(a == b);
  a.erase(a.begin(), a.begin() + 1);
  EXPECT_TRUE(a == b);
  a.clear();
  EXPECT_TRUE(a.empty());
}

}  // namespace
}  // namespace godwit
