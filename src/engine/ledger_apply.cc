#include <algorithm>

#include "base/check.h"
#include "engine/ledger.h"

// How records change a ledger. Everything here must come out the same when the log is replayed: nothing depends on
// consumers, and every step is harmless for messages that are already where it would put them.
namespace godwit::engine {

Ledger::Ledger(const LedgerOpened& opened)
    : id_(opened.ledger),
      grouped_(opened.grouped),
      unsettled_(opened.lanes),
      delivered_end_(opened.start),
      ready_(opened.lanes),
      redelivered_below_(opened.start) {
  CHECK(opened.lanes > 0);
}

void Ledger::apply_append(Offset base, uint32_t count, std::span<const Facet> facets) {
  if (facets.empty()) {
    unsettled_[0].add(base, base + count);
    ready_[0].add(base, base + count);
    return;
  }
  CHECK(facets.size() == count);
  for (uint32_t i = 0; i < count; ++i) {
    Offset offset = base + i;
    size_t lane = std::min<size_t>(facets[i].priority, unsettled_.size() - 1);
    unsettled_[lane].add(offset, offset + 1);
    if (grouped_ && !facets[i].group.empty()) {
      groups().add(offset, facets[i].group);
      groups().make_ready(offset);
    } else {
      ready_[lane].add(offset, offset + 1);
    }
  }
}

MessageGroups& Ledger::groups() {
  if (!groups_) groups_ = std::make_unique<MessageGroups>();
  return *groups_;
}

template <class F>
void Ledger::for_each_unsettled_part(const std::vector<OffsetRun>& runs, F&& f) const {
  for (const OffsetRun& run : runs)
    for (const RunSet& lane : unsettled_) lane.for_each_in(run.first, run.end(), f);
}

/// Drops all that is known of messages that are settled now.
void Ledger::forget(Offset first, Offset end) {
  make_gone(first, end);
  for (RunSet& lane : unsettled_) lane.remove(first, end);
  if (!marks_.empty()) marks_.erase(marks_.lower_bound(first), marks_.lower_bound(end));
  drop_leases(first, end);
  drop_hidden(first, end);
  leaving_.remove(first, end);
  if (groups_) groups_->forget(first, end);
  returned_.remove(first, end);
  deferred_.remove(first, end);
  if (sizes_) sizes_->forget_before(first_unsettled(end));
}

void Ledger::apply_log_start(Offset start) {
  forget(Offset(0), start);
  consumers_.for_each([&](Consumer& consumer) { consumer.held.remove(Offset(0), start); });
}

void Ledger::apply(const Settled& record) {
  for (const OffsetRun& run : record.runs) forget(run.first, run.end());
}

void Ledger::apply(const Returned& record) {
  std::vector<std::pair<Offset, Offset>> parts;
  for_each_unsettled_part(record.runs, [&](Offset first, Offset end) { parts.emplace_back(first, end); });
  for (auto [first, end] : parts) {
    returned_.add(first, end);
    for (Offset o = first; record.failed && o < end; ++o) {
      Mark& mark = marks_[o];
      ++mark.failed;
      if (!leases_.contains(o)) ++mark.acquired;  // a detached lease was counted when it was taken
    }
    drop_leases(first, end);
    drop_hidden(first, end);
    leaving_.remove(first, end);
    if (record.hidden_until_boot_ms > 0) {
      make_held(first, end, 0);
      for (Offset o = first; o < end; ++o) set_hidden(o, record.hidden_until_boot_ms);
    } else {
      make_ready(first, end);
    }
    deferred_.for_each_in(first, end, [&](Offset aside, Offset until) {
      drop_hidden(aside, until);
      make_gone(aside, until);
    });
  }
}

void Ledger::apply(const Delivered& record) { delivered_end_ = std::max(delivered_end_, record.end); }

void Ledger::apply(const Leased& record) {
  uint32_t attempt = record.attempt;
  for (const OffsetRun& run : record.runs) {
    for (Offset o = run.first; o < run.end(); ++o) {
      if (record.attempt == 0) {
        if (auto it = leases_.find(o); it != leases_.end()) set_lease(o, {record.until_boot_ms, it->second.attempt});
        continue;
      }
      if (is_unsettled(o)) {
        make_held(o, o + 1, 0);
        drop_hidden(o, o + 1);
        ++marks_[o].acquired;
        set_lease(o, {record.until_boot_ms, attempt});
      }
      ++attempt;
    }
  }
  next_attempt_ = std::max(next_attempt_, attempt);
}

void Ledger::apply(const Deferred& record) {
  std::vector<std::pair<Offset, Offset>> parts;
  for_each_unsettled_part(record.runs, [&](Offset first, Offset end) { parts.emplace_back(first, end); });
  for (auto [first, end] : parts) {
    make_gone(first, end);
    drop_leases(first, end);
    drop_hidden(first, end);
    deferred_.add(first, end);
  }
}

void Ledger::apply(const SessionChanged& record) { groups().apply(record); }

bool Ledger::hide(OffsetRun run, int64_t until_boot_ms) {
  std::vector<std::pair<Offset, Offset>> parts;
  for (const RunSet& lane : ready_)
    lane.for_each_in(run.first, run.end(), [&](Offset first, Offset end) { parts.emplace_back(first, end); });
  for (auto [first, end] : parts) {
    make_held(first, end, 0);
    for (Offset o = first; o < end; ++o) set_hidden(o, until_boot_ms);
  }
  return !parts.empty();
}

void Ledger::unhide(std::span<const OffsetRun> runs) {
  for (const OffsetRun& run : runs) {
    drop_hidden(run.first, run.end());
    for (const RunSet& lane : unsettled_)
      lane.for_each_in(run.first, run.end(), [&](Offset first, Offset end) { make_ready(first, end); });
  }
}

void Ledger::restart() { redelivered_below_ = delivered_end_; }

bool Ledger::consistent() const {
  auto in_order = [](const RunSet& runs) { return runs.in_order(); };
  return !unsettled_.empty() && std::ranges::all_of(unsettled_, in_order) && in_order(returned_) &&
         in_order(deferred_) && (!groups_ || groups_->facts().consistent());
}

void Ledger::rebuild() {
  leaving_.clear();
  sizes_.reset();
  ready_bytes_ = 0;
  ready_ = unsettled_;
  if (groups_) {
    groups_ = std::make_unique<MessageGroups>(std::move(groups_->facts()));
    for (const auto& [offset, number] : groups_->facts().group_of)
      for (RunSet& lane : ready_)
        if (lane.contains(offset)) lane.remove(offset, offset + 1), groups_->make_ready(offset);
  }
  deferred_.for_each([&](Offset first, Offset end) { make_gone(first, end); });
  lease_deadlines_.clear();
  hidden_deadlines_.clear();
  for (const auto& [offset, lease] : leases_) {
    if (!is_unsettled(offset)) continue;
    make_held(offset, offset + 1, 0);
    lease_deadlines_.add(lease.until_boot_ms, offset);
  }
  for (const auto& [offset, until] : hidden_) {
    if (!is_unsettled(offset)) continue;
    make_held(offset, offset + 1, 0);
    hidden_deadlines_.add(until, offset);
  }
}

void Ledger::set_lease(Offset offset, DetachedLease lease) {
  drop_leases(offset, offset + 1);
  lease_deadlines_.add(lease.until_boot_ms, offset);
  leases_[offset] = lease;
}

void Ledger::drop_leases(Offset first, Offset end) {
  for (auto it = leases_.lower_bound(first); it != leases_.end() && it->first < end; it = leases_.erase(it))
    lease_deadlines_.remove(it->second.until_boot_ms, it->first);
}

void Ledger::set_hidden(Offset offset, int64_t until_boot_ms) {
  drop_hidden(offset, offset + 1);
  hidden_deadlines_.add(until_boot_ms, offset);
  hidden_[offset] = until_boot_ms;
}

void Ledger::drop_hidden(Offset first, Offset end) {
  for (auto it = hidden_.lower_bound(first); it != hidden_.end() && it->first < end; it = hidden_.erase(it))
    hidden_deadlines_.remove(it->second, it->first);
}

size_t Ledger::lane_of(Offset offset) const {
  for (size_t lane = 0; lane + 1 < unsettled_.size(); ++lane)
    if (unsettled_[lane].contains(offset)) return lane;
  return unsettled_.size() - 1;
}

template <class F>
void Ledger::counted(Offset first, Offset end, F&& change) {
  if (!sizes_) return change();
  uint64_t before = ready_bytes_in(first, end);
  change();
  ready_bytes_ += ready_bytes_in(first, end) - before;
}

uint64_t Ledger::ready_bytes_in(Offset first, Offset end) const {
  uint64_t bytes = 0;
  for (const RunSet& lane : ready_)
    lane.for_each_in(first, end, [&](Offset begin, Offset until) { bytes += sizes_->of(begin, until); });
  if (!groups_) return bytes;
  groups_->for_each_ready_while(first, end, [&](Offset offset) {
    bytes += sizes_->of(offset, offset + 1);
    return true;
  });
  return bytes;
}

void Ledger::set_size(Offset first, Offset end, uint64_t each) {
  sizes_->add(first, end, each);
  ready_bytes_ += ready_bytes_in(first, end);
}

void Ledger::make_ready(Offset first, Offset end) {
  counted(first, end, [&] { add_ready(first, end); });
}

void Ledger::add_ready(Offset first, Offset end) {
  if (!grouped_ && unsettled_.size() == 1) {
    ready_[0].add(first, end);
    return;
  }
  for (Offset o = first; o < end; ++o)
    if (!groups_ || !groups_->make_ready(o)) ready_[lane_of(o)].add(o, o + 1);
}

void Ledger::make_held(Offset first, Offset end, uint64_t call) {
  counted(first, end, [&] {
    for (RunSet& lane : ready_) lane.remove(first, end);
    if (groups_) groups_->make_held(first, end, call);
  });
}

void Ledger::make_gone(Offset first, Offset end) {
  counted(first, end, [&] {
    for (RunSet& lane : ready_) lane.remove(first, end);
    if (groups_) groups_->make_gone(first, end);
  });
}

}  // namespace godwit::engine
