#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"

namespace godwit::engine {

/// The ready messages of a ledger whose groups are handed out one at a time: a group with a message in flight is
/// blocked until that message is settled or comes back, except for the call that took it, which may take more of the
/// same group. Groups are served by the offset of their first ready message, so none starves.
class GroupQueue {
 public:
  void add_ready(const std::string& group, Offset offset);
  /// A ready message is gone (expired, purged), or a held one: `was_held` frees its group.
  void remove(const std::string& group, Offset offset, bool was_held);
  /// A held message comes back to its place.
  void give_back(const std::string& group, Offset offset);
  /// Takes the message out of ready and blocks its group for other calls.
  void hold(const std::string& group, Offset offset, uint64_t call);

  struct Next {
    Offset offset;
    const std::string* group;
  };
  /// The first message that `call` may take among the groups nobody has locked (or the group `only`). 0 is no call: a
  /// consumer, who gets a group's messages one at a time.
  std::optional<Next> next(uint64_t call, const std::string* only) const;
  /// A locked group is its session's alone: next() without `only` passes over it.
  void set_locked(const std::string& group, bool locked);
  /// The group with the first ready message among those that nobody has locked and of which nothing is in flight.
  std::optional<std::string> next_unlocked() const;
  uint64_t ready() const { return ready_count_; }
  bool is_ready(const std::string& group, Offset offset) const;

 private:
  struct Group {
    std::set<Offset> ready;
    uint32_t held = 0;
    uint64_t call = 0;  ///< the last call that took from it
    bool locked = false;
  };
  /// Changes a group, which is in the index before and after as it is then.
  template <class F>
  void change(const std::string& name, Group& group, F&& f);
  void drop_if_idle(const std::string& name);

  std::map<std::string, Group, std::less<>> groups_;
  // The first ready messages of groups that are not locked: by offset when nothing of the group is in flight, and by
  // the call that may go on with it otherwise.
  std::map<Offset, const std::string*> free_;
  std::map<std::pair<uint64_t, Offset>, const std::string*> taken_;
  uint64_t ready_count_ = 0;
};

}  // namespace godwit::engine
