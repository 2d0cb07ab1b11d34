#pragma once

#include <set>
#include <vector>

namespace godwit::protocol::kafka {

/// Takes out the items whose key was there before. What a topic or group has may be a thousand times as large as its
/// name in a request: it is answered once.
template <class T, class Key>
void drop_repeats(std::vector<T>& items, Key&& key) {
  std::set<decltype(key(items.front()))> seen;
  std::erase_if(items, [&](const T& item) { return !seen.insert(key(item)).second; });
}

}  // namespace godwit::protocol::kafka
