#include "engine/exchange/topic.h"

#include "base/check.h"

namespace godwit::engine::exchange {
namespace {

/// Calls `f` with each word of `key`; an empty key has no words, "a." has two.
template <class F>
void for_each_word(std::string_view key, F&& f) {
  if (key.empty()) return;
  for (size_t dot; (dot = key.find('.')) != std::string_view::npos; key.remove_prefix(dot + 1)) f(key.substr(0, dot));
  f(key);
}

}  // namespace

struct Topic::Node {
  StringMap<std::unique_ptr<Node>> words;
  std::unique_ptr<Node> any_word;   ///< `*`
  std::unique_ptr<Node> any_words;  ///< `#`
  bool repeats = false;             ///< this node was reached by `#`: it stays for every further word
  Targets targets;
  mutable uint64_t round = 0;

  std::unique_ptr<Node>& child(std::string_view word) {
    if (word == "*") return any_word;
    if (word == "#") return any_words;
    auto at = words.find(word);
    return at != words.end() ? at->second : words[std::string(word)];
  }
  bool empty() const { return words.empty() && !any_word && !any_words && targets.empty(); }
};

Topic::Topic() : root_(std::make_unique<Node>()) {}
Topic::~Topic() = default;

void Topic::bind(const model::Binding& binding, Target target) {
  Node* node = root_.get();
  for_each_word(binding.routing_key, [&](std::string_view word) {
    if (word == "#" && node->repeats) return;  // "#.#" is "#"
    std::unique_ptr<Node>& child = node->child(word);
    if (!child) {
      child = std::make_unique<Node>();
      child->repeats = word == "#";
    }
    node = child.get();
  });
  node->targets.add(target);
}

void Topic::unbind(const model::Binding& binding, Target target) {
  std::vector<std::pair<Node*, std::string_view>> path;
  Node* node = root_.get();
  for_each_word(binding.routing_key, [&](std::string_view word) {
    if (word == "#" && node->repeats) return;
    path.emplace_back(node, word);
    node = node->child(word).get();
    CHECK(node, "pattern '{}' is not bound", binding.routing_key);
  });
  node->targets.remove(target);
  for (; !path.empty() && node->empty(); path.pop_back()) {
    auto [parent, word] = path.back();
    if (word == "*" || word == "#")
      parent->child(word).reset();
    else
      parent->words.erase(parent->words.find(word));
    node = parent;
  }
}

void Topic::match(const model::RoutingInput& input, Matches& matches) const {
  ++round_;
  next_.clear();
  reach(root_.get());
  at_.swap(next_);
  for_each_word(input.routing_key, [this](std::string_view word) { step(word); });
  for (const Node* node : at_) node->targets.match(matches);
}

void Topic::step(std::string_view word) const {
  ++round_;
  next_.clear();
  for (const Node* node : at_) {
    if (node->repeats) reach(node);
    if (node->any_word) reach(node->any_word.get());
    if (auto at = node->words.find(word); at != node->words.end()) reach(at->second.get());
  }
  at_.swap(next_);
}

/// A `#` below may stand for nothing, so reaching a node reaches it as well.
void Topic::reach(const Node* node) const {
  for (; node && node->round != round_; node = node->any_words.get()) {
    node->round = round_;
    next_.push_back(node);
  }
}

}  // namespace godwit::engine::exchange
