#pragma once

#include <cstdint>
#include <vector>

#include "engine/exchange.h"

namespace godwit::engine::exchange {

/// Targets in order, each once, with the number of bindings that lead there.
class Targets {
 public:
  void add(Target target);
  void remove(Target target);
  bool empty() const { return entries_.empty(); }
  void match(Matches& matches) const {
    for (const Entry& entry : entries_) matches.add(entry.target);
  }

 private:
  struct Entry {
    Target target;
    uint32_t bindings = 0;
  };
  std::vector<Entry> entries_;
};

}  // namespace godwit::engine::exchange
