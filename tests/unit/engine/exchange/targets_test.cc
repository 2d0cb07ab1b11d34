#include "engine/exchange/targets.h"

#include <gtest/gtest.h>

namespace godwit::engine::exchange {
namespace {

TEST(Targets, AreOrderedAndCounted) {
  Targets targets;
  for (uint64_t id : {3, 1, 2, 1}) targets.add({model::BindingTarget::kQueue, id});
  targets.add({model::BindingTarget::kExchange, 9});
  targets.remove({model::BindingTarget::kQueue, 1});
  std::vector<TopicId> topics;
  Matches matches(topics);
  targets.match(matches);
  EXPECT_EQ(topics, (std::vector{TopicId(1), TopicId(2), TopicId(3)}));
  EXPECT_EQ(matches.exchanges(), std::vector<uint64_t>{9});
  for (uint64_t id : {1, 2, 3}) targets.remove({model::BindingTarget::kQueue, id});
  EXPECT_FALSE(targets.empty());
  targets.remove({model::BindingTarget::kExchange, 9});
  EXPECT_TRUE(targets.empty());
}

}  // namespace
}  // namespace godwit::engine::exchange
