#pragma once

#include <cstdint>

#include "base/front_vector.h"
#include "base/ids.h"

namespace godwit::engine {

/// How many bytes each message of a queue takes; the messages of one batch count the same. Neighbours of equal size are
/// one entry.
class MessageSizes {
 public:
  /// Messages [first, end), which come after all that were added, take `each` bytes. Those that were passed over take
  /// none.
  void add(Offset first, Offset end, uint64_t each);
  uint64_t of(Offset first, Offset end) const;
  /// How many messages of [first, end), from its front on, take `bytes` together; all when they take less.
  uint32_t count_for(Offset first, Offset end, uint64_t bytes) const;
  /// Nobody asks for messages before `first` any more.
  void forget_before(Offset first);
  size_t entries() const { return runs_.size(); }

 private:
  /// From the end of the run before.
  struct Run {
    Offset end;
    uint64_t each;
  };
  void extend(Offset end, uint64_t each);
  template <class F>
  void for_each_in(Offset first, Offset end, F&& f) const;

  FrontVector<Run> runs_;
};

}  // namespace godwit::engine
