#include "engine/group_subscription.h"

#include <algorithm>
#include <set>
#include <utility>

namespace godwit::engine {
namespace {

template <class Keep>
void drop_unless(GroupTurn& turn, const std::string& group, Keep&& keep) {
  const StoredGroup* stored = turn.store.find(group);
  if (!stored) return;
  std::vector<std::string> dropped;
  for (const std::string& topic : stored->topics)
    if (!keep(*stored, topic)) dropped.push_back(topic);
  turn.emit_in_pieces(SubscriptionChanged{.group = group, .changed_ms = turn.now.wall_ms},
                      &SubscriptionChanged::dropped, std::move(dropped));
}

size_t bytes_with(const StoredGroup* stored, const std::vector<std::string>& topics) {
  size_t bytes = stored ? stored->topics_bytes : 0;
  std::set<std::string_view> added;
  for (const std::string& topic : topics)
    if (!(stored && stored->topics.contains(topic)) && added.insert(topic).second) bytes += recorded_bytes(topic);
  return bytes;
}

}  // namespace

Subscribed::Subscribed(const ConsumerGroup& group) {
  for (const auto& [member_id, member] : group.members) take(member.info);
  std::ranges::sort(topics_);
}

void Subscribed::add(const std::vector<StoredMember>& members) {
  for (const StoredMember& member : members) take(member);
  std::ranges::sort(topics_);
}

void Subscribed::take(const StoredMember& member) {
  untold_ |= !member.topics;
  if (member.topics) topics_.insert(topics_.end(), member.topics->begin(), member.topics->end());
}

bool Subscribed::names(std::string_view topic) const { return std::ranges::binary_search(topics_, topic); }

bool has_room_to_read(GroupTurn& turn, const ConsumerGroup& group, const std::vector<std::string>& topics) {
  const StoredGroup* stored = turn.store.find(group.id);
  if (bytes_with(stored, topics) <= turn.settings.bytes_max) return true;
  if (!stored) return false;
  // The stored members are those of a restart while the group rebalances.
  Subscribed subscribed(group);
  if (stored->membership) subscribed.add(stored->membership->members);
  drop_unless(turn, group.id, [&](const StoredGroup& reader, const std::string& topic) {
    return subscribed.names(topic) || reader.has_position_in(topic);
  });
  return bytes_with(turn.store.find(group.id), topics) <= turn.settings.bytes_max;
}

void begin_reading(GroupTurn& turn, const ConsumerGroup& group, const GroupMember& member) {
  if (!member.info.topics) return;
  const StoredGroup* stored = turn.store.find(group.id);
  std::vector<std::string> added;
  for (const std::string& topic : *member.info.topics)
    if (!stored || !stored->topics.contains(topic)) added.push_back(topic);
  turn.emit_in_pieces(SubscriptionChanged{.group = group.id, .changed_ms = turn.now.wall_ms},
                      &SubscriptionChanged::added, std::move(added));
}

void stop_reading(GroupTurn& turn, const ConsumerGroup& group) {
  Subscribed subscribed(group);
  drop_unless(turn, group.id, [&](const StoredGroup&, const std::string& topic) { return subscribed.contains(topic); });
}

void stop_reading_uncommitted(GroupTurn& turn, const std::string& group) {
  drop_unless(turn, group,
              [](const StoredGroup& stored, const std::string& topic) { return stored.has_position_in(topic); });
}

}  // namespace godwit::engine
