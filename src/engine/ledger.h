#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "engine/consumers.h"
#include "engine/deadlines.h"
#include "engine/facets.h"
#include "engine/message_groups.h"
#include "engine/message_sizes.h"
#include "engine/records.h"
#include "engine/run_set.h"

namespace godwit::engine {

/// One queue's state over one partition: which messages are not settled yet, and what has happened to them.
///
/// What a restart must know (LedgerFacts) changes only by apply(). Beside it lie the ready lanes and the consumers'
/// connection leases, which are derived: after a restart everything unsettled that is not under a detached lease,
/// deferred or hidden is ready again.
///
///   append ─▶ ready ─lease─▶ held ─accept, reject─▶ settled
///               ▲              │
///               └── return ────┤ (hidden for a while, or set aside as deferred)
///
/// Who asks for a deferred message by its offset gets it under a lease; however that ends, short of settling it, it is
/// aside again.
class Ledger {
 public:
  struct Mark {
    uint32_t failed = 0;
    uint32_t acquired = 0;
    bool operator==(const Mark&) const = default;
    template <class F>
    void fields(F& f) {
      f(failed)(acquired);
    }
  };
  struct DetachedLease {
    int64_t until_boot_ms = 0;
    uint32_t attempt = 0;
    bool operator==(const DetachedLease&) const = default;
    template <class F>
    void fields(F& f) {
      f(until_boot_ms)(attempt);
    }
  };

  Ledger() = default;
  explicit Ledger(const LedgerOpened& opened);

  LedgerId id() const { return id_; }

  // Records. Runs in them may name messages the ledger does not have; those are passed over.
  void apply_append(Offset base, uint32_t count, std::span<const Facet> facets);
  void apply_log_start(Offset start);
  void apply(const Settled& record);
  void apply(const Returned& record);
  void apply(const Delivered& record);
  void apply(const Leased& record);
  void apply(const Deferred& record);
  void apply(const SessionChanged& record);

  // Questions.
  uint64_t ready() const;
  /// Those without a group.
  uint64_t ready_in(Offset first, Offset end) const;
  uint64_t leased() const { return unsettled_count() - ready() - deferred_.count() - hidden_.size(); }
  uint64_t hidden() const { return hidden_.size(); }
  /// Set aside, whether somebody has them by their offsets or not.
  const RunSet& deferred() const { return deferred_; }
  /// Set aside, and nobody has it.
  bool is_aside(Offset offset) const;
  uint64_t unsettled_count() const;
  /// The first message not settled, or `end` when there is none.
  Offset first_unsettled(Offset end) const;
  bool is_unsettled(Offset offset) const;
  uint64_t unsettled_in(Offset first, Offset end) const;
  template <class F>
  void for_each_unsettled_in(Offset first, Offset end, F&& f) const {
    for (const RunSet& lane : unsettled_) lane.for_each_in(first, end, f);
  }
  bool grouped() const { return grouped_; }
  Offset delivered_end() const { return delivered_end_; }
  uint32_t next_attempt() const { return next_attempt_; }

  // Handing out.
  Consumers& consumers() { return consumers_; }
  const Consumers& consumers() const { return consumers_; }

  struct Pick {
    Consumer* consumer;
    OffsetRun run;
  };
  /// Whose turn it is and what they get: a run of neighbouring ready messages before `visible_end`, within the
  /// consumer's credit. With several consumers of equal rank, one message at a time, so that they share fairly;
  /// `single_active`: only the consumer that came first is served.
  std::optional<Pick> pick(Offset visible_end, bool single_active = false);
  /// What a call that takes messages itself gets next: at most `count_max` neighbours. `call` is one value for all
  /// picks of one call; `session_group` of a locked session.
  std::optional<OffsetRun> pick_for_call(Offset visible_end, uint32_t count_max, uint64_t call,
                                         const std::string* session_group) const;
  /// The first ready message, whoever would get it.
  std::optional<Offset> first_ready(Offset visible_end) const;
  /// Up to `count` ready messages from the front of the queue: what a full queue drops.
  std::vector<OffsetRun> oldest_ready(uint64_t count) const;

  // The ready messages' bytes, for a limit: counted from count_bytes() on, of messages whose size was said since.
  void count_bytes() { sizes_ = std::make_unique<MessageSizes>(), ready_bytes_ = 0; }
  bool counts_bytes() const { return sizes_ != nullptr; }
  /// Messages [first, end) take `each` bytes a message; called in their order.
  void set_size(Offset first, Offset end, uint64_t each);
  uint64_t ready_bytes() const { return ready_bytes_; }
  uint64_t ready_bytes_in(Offset first, Offset end) const;
  /// Ready messages from the front of the queue that take `bytes` or somewhat more.
  std::vector<OffsetRun> oldest_ready_bytes(uint64_t bytes) const;

  /// The run leaves ready; it belongs to `consumer`'s connection, or (null) a Leased or Settled record follows.
  void hold(OffsetRun run, Consumer* consumer, uint64_t call = 0);
  /// Nobody's any more: neither ready nor anybody's lease, whose deadline no longer counts, until a record settles the
  /// run or returns it.
  void leave(OffsetRun run);
  bool is_leaving(Offset offset) const { return leaving_.contains(offset); }
  /// What of `runs` the consumer holds; it holds them no longer. A record must follow.
  std::vector<OffsetRun> let_go(Consumer& consumer, std::span<const OffsetRun> runs);
  /// How it was delivered before; `run` lies in one piece of equal history, which ends at the returned offset.
  struct History {
    Mark mark;
    bool redelivered = false;
    Offset same_until;
  };
  History history(Offset offset, Offset end) const;

  // Detached leases and hidden messages.
  const std::map<Offset, DetachedLease>& leases() const { return leases_; }
  /// The earliest deadline of a lease, a hidden message or a session lock.
  std::optional<int64_t> next_deadline() const;
  struct Overdue {
    std::vector<OffsetRun> leases;
    std::vector<OffsetRun> hidden;
    std::vector<std::string> sessions;
  };
  Overdue overdue(int64_t boot_ms) const;
  /// Messages of the run that are ready and not due yet are hidden; no record: their own properties say until when, and
  /// after a restart whoever meets them hides them again. False when none of the run was ready.
  bool hide(OffsetRun run, int64_t until_boot_ms);
  /// Hidden messages whose time has come are ready again; no record: every replay comes to it by its own clock. So a
  /// message that is hidden until a time that is over counts as ready, and two ledgers are compared after this.
  void unhide(std::span<const OffsetRun> runs);

  // Session groups.
  /// Null while nobody has its lock and it has no state.
  const MessageGroups::Session* session(const std::string& group) const;
  std::optional<std::string> next_free_session() const;
  /// The group's messages under detached leases.
  std::vector<OffsetRun> leased_of_group(const std::string& group) const;

  /// After a restart: everything delivered before counts as redelivered.
  void restart();

  template <class F>
  void fields(F& f) {
    f(id_)(grouped_)(unsettled_)(marks_)(returned_)(delivered_end_)(leases_)(next_attempt_)(deferred_)(hidden_);
    MessageGroups::Facts none;
    f(groups_ ? groups_->facts() : none);
    if (!none.empty()) groups().facts() = std::move(none);
  }
  /// Whether facts that were read can be a ledger's.
  bool consistent() const;
  /// Builds the derived parts from facts that were read, and are consistent.
  void rebuild();

 private:
  // How a part of the queue moves between ready, held and gone; each is a no-op for what is there already.
  void make_ready(Offset first, Offset end);
  void add_ready(Offset first, Offset end);
  void make_held(Offset first, Offset end, uint64_t call);
  void make_gone(Offset first, Offset end);
  void forget(Offset first, Offset end);
  // Deadlines go along with what they belong to.
  void set_lease(Offset offset, DetachedLease lease);
  void drop_leases(Offset first, Offset end);
  void set_hidden(Offset offset, int64_t until_boot_ms);
  void drop_hidden(Offset first, Offset end);
  /// Keeps ready_bytes_ while `change` moves messages of [first, end).
  template <class F>
  void counted(Offset first, Offset end, F&& change);
  MessageGroups& groups();
  size_t lane_of(Offset offset) const;
  template <class F>
  void for_each_unsettled_part(const std::vector<OffsetRun>& runs, F&& f) const;
  bool has_history() const { return !marks_.empty() || !returned_.empty(); }

  // Facts.
  LedgerId id_;
  bool grouped_ = false;
  std::vector<RunSet> unsettled_;  ///< a lane each, lane 0 the lowest priority
  std::map<Offset, Mark> marks_;   ///< messages that failed or were under detached leases
  RunSet returned_;                ///< messages that came back
  Offset delivered_end_;
  std::map<Offset, DetachedLease> leases_;
  uint32_t next_attempt_ = 1;
  RunSet deferred_;
  std::map<Offset, int64_t> hidden_;       ///< not ready before this boot time
  std::unique_ptr<MessageGroups> groups_;  ///< null until a message has a group or a session is locked

  // Derived.
  std::vector<RunSet> ready_;
  Offset redelivered_below_;
  RunSet leaving_;
  std::unique_ptr<MessageSizes> sizes_;  ///< null: nobody asks for bytes
  uint64_t ready_bytes_ = 0;
  Deadlines<Offset> lease_deadlines_;
  Deadlines<Offset> hidden_deadlines_;
  Consumers consumers_;
};

}  // namespace godwit::engine
