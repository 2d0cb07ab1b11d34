#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/fields.h"
#include "base/ids.h"
#include "engine/string_map.h"

namespace godwit::engine {

/// The deduplication ids a partition has seen within its queue's window, and where the message of each is. Changes by
/// records only: what is remembered, and until when, is in the log.
class DedupIds {
 public:
  /// Where the message of this id is, if it was appended and its window is open at `wall_ms`.
  std::optional<Offset> find(std::string_view id, int64_t wall_ms) const;
  void remember(std::string_view id, Offset offset, int64_t until_ms);
  /// Forgets what ended at or before `wall_ms`.
  void expire(int64_t wall_ms);
  size_t size() const { return seen_.size(); }

  template <class F>
  void fields(F& f) {
    f(seen_);
    if constexpr (std::is_same_v<F, FieldReader>) index();
  }

 private:
  struct Seen {
    std::string id;
    int64_t until_ms = 0;
    template <class F>
    void fields(F& f) {
      f(id)(until_ms);
    }
  };
  void index();

  std::map<Offset, Seen> seen_;
  StringMap<Offset> by_id_;                      ///< derived: the newest of each id
  std::set<std::pair<int64_t, Offset>> by_end_;  ///< derived: clocks are set, so that a later window may end first
};

}  // namespace godwit::engine
