#include "engine/message_groups.h"

#include <algorithm>
#include <utility>

namespace godwit::engine {

bool MessageGroups::Facts::consistent() const {
  return std::ranges::all_of(group_of, [&](const auto& of) { return of.second < names.size(); });
}

MessageGroups::MessageGroups(Facts facts) : facts_(std::move(facts)), sizes_(facts_.names.size()) {
  for (const auto& [offset, number] : facts_.group_of) ++sizes_[number];
  for (uint32_t i = 0; i < sizes_.size(); ++i)
    sizes_[i] > 0 ? (void)index_.emplace(facts_.names[i], i) : (void)free_.insert(i);
  for (const auto& [group, session] : facts_.sessions) {
    if (session.locked_until_boot_ms == 0) continue;
    locks_.add(session.locked_until_boot_ms, group);
    queue_.set_locked(group, true);
  }
}

/// A name's number is free again when its last message is settled; the lowest free one is taken, so that a ledger that
/// was read back gives the same numbers.
void MessageGroups::add(Offset offset, const std::string& name) {
  auto known = index_.find(name);
  if (known == index_.end()) {
    auto number = static_cast<uint32_t>(facts_.names.size());
    if (free_.empty()) {
      facts_.names.emplace_back();
      sizes_.push_back(0);
    } else {
      number = *free_.begin();
      free_.erase(free_.begin());
    }
    facts_.names[number] = name;
    known = index_.emplace(name, number).first;
  }
  ++sizes_[known->second];
  facts_.group_of[offset] = known->second;
}

void MessageGroups::forget(Offset first, Offset end) {
  auto it = facts_.group_of.lower_bound(first);
  for (; it != facts_.group_of.end() && it->first < end; it = facts_.group_of.erase(it)) {
    uint32_t number = it->second;
    if (--sizes_[number] > 0) continue;
    index_.erase(facts_.names[number]);
    facts_.names[number].clear();
    free_.insert(number);
  }
}

const std::string* MessageGroups::group_of(Offset offset) const {
  auto it = facts_.group_of.find(offset);
  return it == facts_.group_of.end() ? nullptr : &facts_.names[it->second];
}

void MessageGroups::apply(const SessionChanged& record) {
  Session& session = facts_.sessions[record.group];
  if (session.locked_until_boot_ms > 0) locks_.remove(session.locked_until_boot_ms, record.group);
  if (record.locked_until_boot_ms > 0) locks_.add(record.locked_until_boot_ms, record.group);
  session.locked_until_boot_ms = record.locked_until_boot_ms;
  if (record.state) session.state = *record.state;
  queue_.set_locked(record.group, record.locked_until_boot_ms > 0);
  if (session.locked_until_boot_ms == 0 && session.state.empty()) facts_.sessions.erase(record.group);
}

bool MessageGroups::make_ready(Offset offset) {
  const std::string* group = group_of(offset);
  if (!group) return false;
  if (held_.remove(offset, offset + 1))
    queue_.give_back(*group, offset);
  else
    queue_.add_ready(*group, offset);
  return true;
}

void MessageGroups::make_held(Offset first, Offset end, uint64_t call) {
  for_each_ready_while(first, end, [&](Offset offset) {
    queue_.hold(*group_of(offset), offset, call);
    held_.add(offset, offset + 1);
    return true;
  });
}

void MessageGroups::make_gone(Offset first, Offset end) {
  for (auto it = facts_.group_of.lower_bound(first); it != facts_.group_of.end() && it->first < end; ++it) {
    const std::string& group = facts_.names[it->second];
    if (held_.remove(it->first, it->first + 1))
      queue_.remove(group, it->first, true);
    else if (queue_.is_ready(group, it->first))
      queue_.remove(group, it->first, false);
  }
}

}  // namespace godwit::engine
