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
      put_in_group(offset, facets[i].group);
      groups_.add_ready(facets[i].group, offset);
    } else {
      ready_[lane].add(offset, offset + 1);
    }
  }
}

/// A name's number is free again when its last message is settled; the lowest free one is taken, so that a ledger that
/// was read back gives the same numbers.
void Ledger::put_in_group(Offset offset, const std::string& name) {
  auto known = group_index_.find(name);
  if (known == group_index_.end()) {
    auto number = static_cast<uint32_t>(group_names_.size());
    if (free_names_.empty()) {
      group_names_.emplace_back();
      group_sizes_.push_back(0);
    } else {
      number = *free_names_.begin();
      free_names_.erase(free_names_.begin());
    }
    group_names_[number] = name;
    known = group_index_.emplace(name, number).first;
  }
  ++group_sizes_[known->second];
  group_of_[offset] = known->second;
}

void Ledger::leave_groups(Offset first, Offset end) {
  auto it = group_of_.lower_bound(first);
  for (; it != group_of_.end() && it->first < end; it = group_of_.erase(it)) {
    uint32_t number = it->second;
    if (--group_sizes_[number] > 0) continue;
    group_index_.erase(group_names_[number]);
    group_names_[number].clear();
    free_names_.insert(number);
  }
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
  leave_groups(first, end);
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

void Ledger::apply(const SessionChanged& record) {
  SessionFacts& facts = sessions_[record.group];
  if (facts.locked_until_boot_ms > 0) session_deadlines_.remove(facts.locked_until_boot_ms, record.group);
  if (record.locked_until_boot_ms > 0) session_deadlines_.add(record.locked_until_boot_ms, record.group);
  facts.locked_until_boot_ms = record.locked_until_boot_ms;
  if (record.state) facts.state = *record.state;
  groups_.set_locked(record.group, record.locked_until_boot_ms > 0);
  if (facts.locked_until_boot_ms == 0 && facts.state.empty()) sessions_.erase(record.group);
}

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

void Ledger::rebuild() {
  ready_.assign(unsettled_.size(), {});
  groups_ = {};
  group_held_.clear();
  group_index_.clear();
  group_sizes_.assign(group_names_.size(), 0);
  for (const auto& [offset, number] : group_of_) ++group_sizes_[number];
  free_names_.clear();
  for (uint32_t i = 0; i < group_names_.size(); ++i)
    group_sizes_[i] > 0 ? (void)group_index_.emplace(group_names_[i], i) : (void)free_names_.insert(i);
  for (const RunSet& lane : unsettled_) lane.for_each([&](Offset first, Offset end) { make_ready(first, end); });
  deferred_.for_each([&](Offset first, Offset end) { make_gone(first, end); });
  leaving_.clear();
  sizes_.reset();
  ready_bytes_ = 0;
  lease_deadlines_.clear();
  hidden_deadlines_.clear();
  session_deadlines_.clear();
  for (const auto& [offset, lease] : leases_) {
    make_held(offset, offset + 1, 0);
    lease_deadlines_.add(lease.until_boot_ms, offset);
  }
  for (const auto& [offset, until] : hidden_) {
    make_held(offset, offset + 1, 0);
    hidden_deadlines_.add(until, offset);
  }
  for (const auto& [group, facts] : sessions_)
    if (facts.locked_until_boot_ms > 0) session_deadlines_.add(facts.locked_until_boot_ms, group);
  for (const auto& [group, facts] : sessions_) groups_.set_locked(group, facts.locked_until_boot_ms > 0);
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

const std::string* Ledger::group_of(Offset offset) const {
  auto it = group_of_.find(offset);
  return it == group_of_.end() ? nullptr : &group_names_[it->second];
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
  for (auto it = group_of_.lower_bound(first); it != group_of_.end() && it->first < end; ++it)
    if (groups_.is_ready(group_names_[it->second], it->first)) bytes += sizes_->of(it->first, it->first + 1);
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
  for (Offset o = first; o < end; ++o) {
    const std::string* group = group_of(o);
    if (!group)
      ready_[lane_of(o)].add(o, o + 1);
    else if (group_held_.remove(o, o + 1))
      groups_.give_back(*group, o);
    else
      groups_.add_ready(*group, o);
  }
}

void Ledger::make_held(Offset first, Offset end, uint64_t call) {
  counted(first, end, [&] {
    for (RunSet& lane : ready_) lane.remove(first, end);
    for (Offset o = first; grouped_ && o < end; ++o) {
      const std::string* group = group_of(o);
      if (!group || !groups_.is_ready(*group, o)) continue;
      groups_.hold(*group, o, call);
      group_held_.add(o, o + 1);
    }
  });
}

void Ledger::make_gone(Offset first, Offset end) {
  counted(first, end, [&] {
    for (RunSet& lane : ready_) lane.remove(first, end);
    for (auto it = group_of_.lower_bound(first); it != group_of_.end() && it->first < end; ++it) {
      const std::string& group = group_names_[it->second];
      if (group_held_.remove(it->first, it->first + 1))
        groups_.remove(group, it->first, true);
      else if (groups_.is_ready(group, it->first))
        groups_.remove(group, it->first, false);
    }
  });
}

}  // namespace godwit::engine
