#include "engine/group_queue.h"

#include "base/check.h"

namespace godwit::engine {

template <class F>
void GroupQueue::change(const std::string& name, Group& group, F&& f) {
  auto is_indexed = [&] { return !group.locked && !group.ready.empty(); };
  if (is_indexed()) {
    Offset head = *group.ready.begin();
    group.held == 0 ? free_.erase(head) : taken_.erase({group.call, head});
  }
  f();
  if (!is_indexed()) return;
  Offset head = *group.ready.begin();
  const std::string* key = &groups_.find(name)->first;
  if (group.held == 0)
    free_[head] = key;
  else if (group.call != 0)
    taken_[{group.call, head}] = key;
}

void GroupQueue::drop_if_idle(const std::string& name) {
  auto it = groups_.find(name);
  if (it != groups_.end() && it->second.ready.empty() && it->second.held == 0 && !it->second.locked) groups_.erase(it);
}

void GroupQueue::add_ready(const std::string& name, Offset offset) {
  Group& group = groups_[name];
  change(name, group, [&] { ready_count_ += group.ready.insert(offset).second; });
}

void GroupQueue::remove(const std::string& name, Offset offset, bool was_held) {
  auto it = groups_.find(name);
  if (it == groups_.end()) return;
  Group& group = it->second;
  change(name, group, [&] {
    if (was_held) {
      CHECK(group.held > 0, "group {}", name);
      --group.held;
    } else {
      ready_count_ -= group.ready.erase(offset);
    }
  });
  drop_if_idle(name);
}

void GroupQueue::give_back(const std::string& name, Offset offset) {
  auto it = groups_.find(name);
  CHECK(it != groups_.end() && it->second.held > 0, "group {}", name);
  Group& group = it->second;
  change(name, group, [&] {
    --group.held;
    ready_count_ += group.ready.insert(offset).second;
  });
}

void GroupQueue::hold(const std::string& name, Offset offset, uint64_t call) {
  Group& group = groups_.at(name);
  change(name, group, [&] {
    CHECK(group.ready.erase(offset) == 1, "group {} offset {}", name, offset.value);
    --ready_count_;
    ++group.held;
    group.call = call;
  });
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
  std::optional<Next> first;
  if (!free_.empty()) first = Next{free_.begin()->first, free_.begin()->second};
  if (call == 0) return first;
  auto own = taken_.lower_bound({call, Offset(INT64_MIN)});
  bool goes_on = own != taken_.end() && own->first.first == call && (!first || own->first.second < first->offset);
  return goes_on ? Next{own->first.second, own->second} : first;
}

void GroupQueue::set_locked(const std::string& name, bool locked) {
  if (!locked && !groups_.contains(name)) return;
  Group& group = groups_[name];
  change(name, group, [&] { group.locked = locked; });
  drop_if_idle(name);
}

std::optional<std::string> GroupQueue::next_unlocked() const {
  return free_.empty() ? std::nullopt : std::optional(*free_.begin()->second);
}

}  // namespace godwit::engine
