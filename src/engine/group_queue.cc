#include "engine/group_queue.h"

#include "base/check.h"

namespace godwit::engine {

void GroupQueue::index(const std::string& name, Group& group) {
  if (!group.ready.empty()) heads_[*group.ready.begin()] = &groups_.find(name)->first;
}

void GroupQueue::unindex(const Group& group) {
  if (!group.ready.empty()) heads_.erase(*group.ready.begin());
}

void GroupQueue::drop_if_idle(const std::string& name) {
  auto it = groups_.find(name);
  if (it != groups_.end() && it->second.ready.empty() && it->second.held == 0 && !it->second.locked) groups_.erase(it);
}

void GroupQueue::add_ready(const std::string& name, Offset offset) {
  Group& group = groups_[name];
  unindex(group);
  ready_count_ += group.ready.insert(offset).second;
  index(name, group);
}

void GroupQueue::remove(const std::string& name, Offset offset, bool was_held) {
  auto it = groups_.find(name);
  if (it == groups_.end()) return;
  Group& group = it->second;
  if (was_held) {
    CHECK(group.held > 0, "group {}", name);
    --group.held;
  } else {
    unindex(group);
    ready_count_ -= group.ready.erase(offset);
    index(name, group);
  }
  drop_if_idle(name);
}

void GroupQueue::give_back(const std::string& name, Offset offset) {
  auto it = groups_.find(name);
  CHECK(it != groups_.end() && it->second.held > 0, "group {}", name);
  --it->second.held;
  add_ready(name, offset);
}

void GroupQueue::hold(const std::string& name, Offset offset, uint64_t call) {
  Group& group = groups_.at(name);
  unindex(group);
  CHECK(group.ready.erase(offset) == 1, "group {} offset {}", name, offset.value);
  --ready_count_;
  index(name, group);
  ++group.held;
  group.call = call;
}

bool GroupQueue::is_ready(const std::string& name, Offset offset) const {
  auto it = groups_.find(name);
  return it != groups_.end() && it->second.ready.contains(offset);
}

std::optional<GroupQueue::Next> GroupQueue::next(uint64_t call, const std::string* only) const {
  if (only) {
    auto it = groups_.find(*only);
    if (it == groups_.end() || it->second.ready.empty()) return std::nullopt;
    return Next{*it->second.ready.begin(), &it->first};
  }
  for (const auto& [offset, name] : heads_) {
    const Group& group = groups_.find(*name)->second;
    bool same_call = call != 0 && group.call == call;
    if (!group.locked && (group.held == 0 || same_call)) return Next{offset, name};
  }
  return std::nullopt;
}

void GroupQueue::set_locked(const std::string& name, bool locked) {
  if (locked)
    groups_[name].locked = true;
  else if (auto it = groups_.find(name); it != groups_.end())
    it->second.locked = false, drop_if_idle(name);
}

std::optional<std::string> GroupQueue::next_unlocked() const {
  for (const auto& [offset, name] : heads_)
    if (!groups_.find(*name)->second.locked) return *name;
  return std::nullopt;
}

}  // namespace godwit::engine
