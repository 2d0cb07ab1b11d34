#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace godwit::engine {

/// What has a deadline, the earliest first. The times themselves are kept elsewhere: whoever takes one out names it.
template <class Key>
class Deadlines {
 public:
  void add(int64_t at_ms, Key key) { all_.emplace(at_ms, std::move(key)); }
  void remove(int64_t at_ms, const Key& key) { all_.erase({at_ms, key}); }
  void clear() { all_.clear(); }
  std::optional<int64_t> next() const { return all_.empty() ? std::nullopt : std::optional(all_.begin()->first); }
  /// Those at or before `now_ms`, in the order of their keys.
  std::vector<Key> due(int64_t now_ms) const {
    std::set<Key> keys;
    for (auto it = all_.begin(); it != all_.end() && it->first <= now_ms; ++it) keys.insert(it->second);
    return {keys.begin(), keys.end()};
  }
  size_t size() const { return all_.size(); }

 private:
  std::set<std::pair<int64_t, Key>> all_;
};

}  // namespace godwit::engine
