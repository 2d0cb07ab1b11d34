#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/exchange.h"

namespace godwit::engine::exchange {

/// One exchange kind on its own; targets are queues by number.
template <class Kind>
class KindFixture : public testing::Test {
 protected:
  static model::Binding binding(std::string key, model::ValueMap arguments = {}) {
    return {.routing_key = std::move(key), .arguments = std::move(arguments)};
  }
  void bind(uint64_t target, std::string key, model::ValueMap arguments = {}) {
    kind.bind(binding(std::move(key), std::move(arguments)), queue(target));
  }
  void unbind(uint64_t target, std::string key, model::ValueMap arguments = {}) {
    kind.unbind(binding(std::move(key), std::move(arguments)), queue(target));
  }
  std::vector<uint64_t> match(std::string_view key, const model::ValueMap& headers = {}) const {
    std::vector<TopicId> topics;
    Matches matches(topics);
    kind.match({key, [&]() -> const model::ValueMap& { return headers; }}, matches);
    std::vector<uint64_t> numbers;
    for (TopicId id : topics) numbers.push_back(id.value);
    std::ranges::sort(numbers);
    numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
    return numbers;
  }
  static Target queue(uint64_t number) { return {model::BindingTarget::kQueue, number}; }

  Kind kind;
};

using Numbers = std::vector<uint64_t>;

}  // namespace godwit::engine::exchange
