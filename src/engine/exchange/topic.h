#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/exchange/targets.h"
#include "engine/string_map.h"

namespace godwit::engine::exchange {

/// Matches keys word by word; words are separated by dots, and an empty key has none. In a binding `*` stands for
/// exactly one word and `#` for any number of words, none included.
///
/// The patterns form a trie of words that a key walks as a set of nodes, so a match costs words times live nodes,
/// however many `#` a pattern has. Allocates only while its scratch space grows.
class Topic final : public ExchangeKind {
 public:
  Topic();
  ~Topic() override;

  void bind(const model::Binding& binding, Target target) override;
  void unbind(const model::Binding& binding, Target target) override;
  void match(const model::RoutingInput& input, Matches& matches) const override;

 private:
  struct Node;

  void step(std::string_view word) const;
  void reach(const Node* node) const;

  std::unique_ptr<Node> root_;
  mutable uint64_t round_ = 0;  ///< marks the nodes that the present step has reached
  mutable std::vector<const Node*> at_;
  mutable std::vector<const Node*> next_;
};

}  // namespace godwit::engine::exchange
