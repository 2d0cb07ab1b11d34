#pragma once

#include <map>
#include <string_view>
#include <unordered_map>

#include "base/check.h"

namespace godwit::engine {

/// Finds things by their name within one namespace, and lists them in its order. Keys are views of `info.name.text`, so
/// a thing stays where it is while it is in the index.
template <class T>
class NameIndex {
 public:
  T* find(std::string_view name) const {
    auto at = found_.find(name);
    return at == found_.end() ? nullptr : at->second;
  }
  void add(T* thing) {
    std::string_view name = thing->info.name.text;
    CHECK(found_.emplace(name, thing).second, "'{}' is taken", name);
    sorted_.emplace(name, thing);
  }
  void remove(const T* thing) {
    std::string_view name = thing->info.name.text;
    found_.erase(name);
    sorted_.erase(name);
  }
  const std::map<std::string_view, T*>& sorted() const { return sorted_; }

 private:
  std::unordered_map<std::string_view, T*> found_;
  std::map<std::string_view, T*> sorted_;
};

}  // namespace godwit::engine
