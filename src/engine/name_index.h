#pragma once

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/check.h"

namespace godwit::engine {

/// Finds things by their `name()` within one namespace, and lists them in its order. A thing stays where it is and
/// keeps its name while it is in the index.
template <class T>
class NameIndex {
 public:
  T* find(std::string_view name) const {
    auto at = found_.find(name);
    return at == found_.end() ? nullptr : *at;
  }
  void add(T* thing) {
    CHECK(found_.insert(thing).second, "'{}' is taken", thing->name());
    sorted_ = {};
  }
  void remove(T* thing) {
    found_.erase(thing);
    sorted_ = {};
  }
  /// Valid until the index changes. The first call after a change sorts.
  const std::vector<const T*>& sorted() const {
    if (sorted_.empty()) {
      sorted_.assign(found_.begin(), found_.end());
      std::ranges::sort(sorted_, {}, &T::name);
    }
    return sorted_;
  }

 private:
  static std::string_view name_of(std::string_view name) { return name; }
  static std::string_view name_of(const T* thing) { return thing->name(); }
  struct Hash {
    using is_transparent = void;
    // Not noexcept, so that the set keeps hashes and need not go to the things for them.
    size_t operator()(auto key) const { return std::hash<std::string_view>()(name_of(key)); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(auto a, auto b) const { return name_of(a) == name_of(b); }
  };

  std::unordered_set<T*, Hash, Equal> found_;
  mutable std::vector<const T*> sorted_;  ///< empty after a change
};

}  // namespace godwit::engine
