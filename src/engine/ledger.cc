#include "engine/ledger.h"

#include <algorithm>

#include "base/check.h"
#include "engine/run_list.h"

namespace godwit::engine {

uint64_t Ledger::ready() const {
  uint64_t n = groups_ ? groups_->ready() : 0;
  for (const RunSet& lane : ready_) n += lane.count();
  return n;
}

uint64_t Ledger::ready_in(Offset first, Offset end) const {
  uint64_t n = 0;
  if (first < end)
    for (const RunSet& lane : ready_) n += lane.count_in(first, end);
  return n;
}

uint64_t Ledger::unsettled_count() const {
  uint64_t n = 0;
  for (const RunSet& lane : unsettled_) n += lane.count();
  return n;
}

Offset Ledger::first_unsettled(Offset end) const {
  for (const RunSet& lane : unsettled_)
    if (!lane.empty()) end = std::min(end, lane.front());
  return end;
}

bool Ledger::is_unsettled(Offset offset) const {
  return std::any_of(unsettled_.begin(), unsettled_.end(), [&](const RunSet& lane) { return lane.contains(offset); });
}

uint64_t Ledger::unsettled_in(Offset first, Offset end) const {
  uint64_t n = 0;
  for (const RunSet& lane : unsettled_) n += lane.count_in(first, end);
  return n;
}

std::optional<OffsetRun> Ledger::pick_for_call(Offset visible_end, uint32_t count_max, uint64_t call,
                                               const std::string* session_group) const {
  if (grouped_) {
    std::optional<GroupQueue::Next> grouped;
    if (groups_) grouped = groups_->queue().next(call, session_group);
    std::optional<Offset> loose = session_group ? std::nullopt : ready_[0].next(Offset(0));
    if (grouped && (!loose || grouped->offset < *loose))
      return grouped->offset < visible_end ? std::optional(OffsetRun{grouped->offset, 1}) : std::nullopt;
    if (session_group) return std::nullopt;
  }
  for (size_t lane = ready_.size(); lane-- > 0;) {
    if (ready_[lane].empty()) continue;
    Offset first = ready_[lane].front();
    if (first >= visible_end) continue;
    return OffsetRun{first,
                     static_cast<uint32_t>(ready_[lane].contiguous(first, std::min(visible_end, first + count_max)))};
  }
  return std::nullopt;
}

std::optional<Ledger::Pick> Ledger::pick(Offset visible_end, bool single_active) {
  if (grouped_) {
    std::optional<Pick> found;
    consumers_.for_each([&](Consumer& c) {
      if (found || !c.active || c.credit == 0) return;
      const std::string* group = c.session_group ? &*c.session_group : nullptr;
      if (auto run = pick_for_call(visible_end, 1, 0, group)) found = Pick{&c, *run};
    });
    return found;
  }
  uint32_t peers = 0;
  if (!first_ready(visible_end)) return std::nullopt;
  Consumer* consumer = consumers_.next(single_active, peers);
  if (!consumer) return std::nullopt;
  auto run = pick_for_call(visible_end, peers > 1 ? 1 : consumer->credit, 0, nullptr);
  CHECK(run);
  return Pick{consumer, *run};
}

std::optional<Offset> Ledger::first_ready(Offset visible_end) const {
  for (size_t lane = ready_.size(); lane-- > 0;)
    if (!ready_[lane].empty() && ready_[lane].front() < visible_end) return ready_[lane].front();
  if (!groups_) return std::nullopt;
  auto next = groups_->queue().next(0, nullptr);
  return next && next->offset < visible_end ? std::optional(next->offset) : std::nullopt;
}

bool Ledger::is_aside(Offset offset) const {
  return deferred_.contains(offset) && !leases_.contains(offset) && !leaving_.contains(offset);
}

std::vector<OffsetRun> Ledger::oldest_ready(uint64_t count) const {
  std::vector<OffsetRun> runs;
  const uint64_t wanted = count;
  for (const RunSet& lane : ready_) {
    if (count == 0) break;
    lane.for_each_while([&](Offset first, Offset end) {
      auto n = static_cast<uint32_t>(std::min<uint64_t>({static_cast<uint64_t>(end - first), count, UINT32_MAX}));
      runs.push_back({first, n});
      count -= n;
      return count > 0;
    });
  }
  if (!groups_) return runs;
  count = wanted;
  groups_->for_each_ready_while(Offset(0), Offset(INT64_MAX), [&](Offset offset) {
    if (count-- == 0) return false;
    runs.push_back({offset, 1});
    return true;
  });
  return first_of(std::move(runs), wanted);
}

std::vector<OffsetRun> Ledger::oldest_ready_bytes(uint64_t bytes) const {
  // How many messages that is shows only on the way: so many at first, then four times as many.
  for (uint64_t looked_at = 16;; looked_at *= 4) {
    std::vector<OffsetRun> runs;
    uint64_t left = bytes;
    for (const OffsetRun& run : oldest_ready(std::min(looked_at, ready()))) {
      if (left == 0) break;
      uint32_t count = sizes_->count_for(run.first, run.end(), left);
      runs.push_back({run.first, count});
      left -= std::min(left, sizes_->of(run.first, run.first + count));
    }
    if (left == 0 || looked_at >= ready()) return runs;
  }
}

void Ledger::hold(OffsetRun run, Consumer* consumer, uint64_t call) {
  make_held(run.first, run.end(), call);
  if (!consumer) return;
  consumer->held.add(run);
}

void Ledger::leave(OffsetRun run) {
  make_held(run.first, run.end(), 0);
  leaving_.add(run);
  for (auto it = leases_.lower_bound(run.first); it != leases_.end() && it->first < run.end(); ++it)
    lease_deadlines_.remove(it->second.until_boot_ms, it->first);
}

std::vector<OffsetRun> Ledger::let_go(Consumer& consumer, std::span<const OffsetRun> runs) {
  std::vector<OffsetRun> held;
  held.reserve(runs.size());
  for (const OffsetRun& run : runs) {
    size_t before = held.size();
    consumer.held.for_each_in(run.first, run.end(), [&](Offset first, Offset end) {
      held.push_back({first, static_cast<uint32_t>(end - first)});
    });
    for (size_t i = before; i < held.size(); ++i) consumer.held.remove(held[i]);
  }
  return held;
}

Ledger::History Ledger::history(Offset offset, Offset end) const {
  History h{.redelivered = offset < redelivered_below_, .same_until = end};
  if (h.redelivered) h.same_until = std::min(end, redelivered_below_);
  if (!has_history()) return h;
  if (auto returned = returned_.next(offset)) {
    if (*returned == offset) {
      h.redelivered = true;
      h.same_until = std::min(h.same_until, offset + static_cast<int64_t>(returned_.contiguous(offset, end)));
    } else {
      h.same_until = std::min(h.same_until, *returned);
    }
  }
  auto mark = marks_.lower_bound(offset);
  if (mark == marks_.end()) return h;
  if (mark->first == offset) {
    h.mark = mark->second;
    h.redelivered = h.redelivered || h.mark.failed > 0 || h.mark.acquired > 0;
    h.same_until = offset + 1;
  } else {
    h.same_until = std::min(h.same_until, mark->first);
  }
  return h;
}

std::vector<OffsetRun> Ledger::leased_of_group(const std::string& group) const {
  std::vector<OffsetRun> runs;
  if (!groups_) return runs;
  for (const auto& [offset, lease] : leases_)
    if (const std::string* of = groups_->group_of(offset); of && *of == group && !leaving_.contains(offset))
      append_offset(runs, offset);
  return runs;
}

const MessageGroups::Session* Ledger::session(const std::string& group) const {
  if (!groups_) return nullptr;
  auto it = groups_->sessions().find(group);
  return it == groups_->sessions().end() ? nullptr : &it->second;
}

std::optional<std::string> Ledger::next_free_session() const {
  return groups_ ? groups_->queue().next_unlocked() : std::nullopt;
}

std::optional<int64_t> Ledger::next_deadline() const {
  std::optional<int64_t> earliest;
  std::optional<int64_t> locks = groups_ ? groups_->locks().next() : std::nullopt;
  for (std::optional<int64_t> at : {lease_deadlines_.next(), hidden_deadlines_.next(), locks})
    if (at) earliest = std::min(earliest.value_or(*at), *at);
  return earliest;
}

Ledger::Overdue Ledger::overdue(int64_t boot_ms) const {
  Overdue due;
  for (Offset offset : lease_deadlines_.due(boot_ms)) append_offset(due.leases, offset);
  for (Offset offset : hidden_deadlines_.due(boot_ms)) append_offset(due.hidden, offset);
  if (groups_) due.sessions = groups_->locks().due(boot_ms);
  return due;
}

}  // namespace godwit::engine
