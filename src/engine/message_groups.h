#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "engine/deadlines.h"
#include "engine/group_queue.h"
#include "engine/records.h"
#include "engine/run_set.h"

namespace godwit::engine {

/// Which of a ledger's messages are of a group, those of them that are ready, in the order in which groups are served,
/// and the locks that sessions have on groups. A message without a group is nothing to it: every step passes it over.
class MessageGroups {
 public:
  struct Session {
    int64_t locked_until_boot_ms = 0;
    ByteVec state;
    bool operator==(const Session&) const = default;
    template <class F>
    void fields(F& f) {
      f(locked_until_boot_ms)(state);
    }
  };
  /// What a restart must know.
  struct Facts {
    std::map<std::string, Session> sessions;
    std::map<Offset, uint32_t> group_of;  ///< of unsettled messages: index into names
    std::vector<std::string> names;       ///< empty: the number is free
    bool empty() const { return sessions.empty() && names.empty(); }
    /// Each message's number is a name's.
    bool consistent() const;
    template <class F>
    void fields(F& f) {
      f(sessions)(group_of)(names);
    }
  };

  MessageGroups() = default;
  /// From facts that were read; none of the messages is ready yet.
  explicit MessageGroups(Facts facts);
  Facts& facts() { return facts_; }

  /// An unsettled message of the group, not ready yet.
  void add(Offset offset, const std::string& name);
  /// Nothing is known any more of messages that are gone and settled.
  void forget(Offset first, Offset end);
  /// Null for a message without a group.
  const std::string* group_of(Offset offset) const;
  void apply(const SessionChanged& record);

  // How messages move between ready, held and gone. A held one blocks its group for others than `call`.
  /// False for a message without a group.
  bool make_ready(Offset offset);
  void make_held(Offset first, Offset end, uint64_t call);
  void make_gone(Offset first, Offset end);

  uint64_t ready() const { return queue_.ready(); }
  /// f(offset) for ready messages of [first, end), in order, while it returns true.
  template <class F>
  void for_each_ready_while(Offset first, Offset end, F&& f) const {
    for (auto it = facts_.group_of.lower_bound(first); it != facts_.group_of.end() && it->first < end; ++it)
      if (queue_.is_ready(facts_.names[it->second], it->first) && !f(it->first)) return;
  }
  const GroupQueue& queue() const { return queue_; }

  const std::map<std::string, Session>& sessions() const { return facts_.sessions; }
  const Deadlines<std::string>& locks() const { return locks_; }

 private:
  Facts facts_;

  // Derived.
  GroupQueue queue_;
  RunSet held_;  ///< those that block their groups
  std::map<std::string, uint32_t, std::less<>> index_;
  std::vector<uint32_t> sizes_;  ///< unsettled messages of each name
  std::set<uint32_t> free_;      ///< numbers
  Deadlines<std::string> locks_;
};

}  // namespace godwit::engine
