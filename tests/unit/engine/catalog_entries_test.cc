#include "engine/catalog_entries.h"

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

using model::Value;

TEST(BindingKey, TellsBindingsOfOneSourceApart) {
  model::Binding base{.target = "q", .routing_key = "k"};
  model::Binding other = base;
  EXPECT_EQ(binding_key(base), binding_key(other));
  other.target_kind = model::BindingTarget::kExchange;
  EXPECT_NE(binding_key(base), binding_key(other));
  other = base;
  other.routing_key = "";
  other.target = "qk";
  EXPECT_NE(binding_key(base), binding_key(other));
  other = base;
  other.arguments = {{"a", Value(int32_t{1})}};
  EXPECT_NE(binding_key(base), binding_key(other));
}

TEST(BindingKey, ArgumentsCountInAnyOrderUnlessTheyRepeatAName) {
  model::Binding one{.arguments = {{"a", Value(true)}, {"b", Value(int32_t{1})}, {"b", Value(int32_t{2})}}};
  model::Binding two{.arguments = {{"b", Value(int32_t{1})}, {"a", Value(true)}, {"b", Value(int32_t{2})}}};
  model::Binding three{.arguments = {{"b", Value(int32_t{2})}, {"a", Value(true)}, {"b", Value(int32_t{1})}}};
  EXPECT_EQ(binding_key(one), binding_key(two));
  EXPECT_NE(binding_key(one), binding_key(three));
}

}  // namespace
}  // namespace godwit::engine
