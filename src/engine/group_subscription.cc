#include "engine/group_subscription.h"

#include <algorithm>

namespace godwit::engine {
namespace {

bool subscribes(const GroupMember& member, std::string_view topic) {
  return !member.info.topics || std::ranges::binary_search(*member.info.topics, topic);
}

template <class Keep>
void drop_unless(GroupTurn& turn, const std::string& group, Keep&& keep) {
  const StoredGroup* stored = turn.store.find(group);
  if (!stored) return;
  SubscriptionChanged record{.group = group, .changed_ms = turn.now.wall_ms};
  for (const std::string& topic : stored->topics)
    if (!keep(*stored, topic)) record.dropped.push_back(topic);
  if (!record.dropped.empty()) turn.emit(std::move(record));
}

}  // namespace

bool is_subscribed(const ConsumerGroup& group, std::string_view topic) {
  return std::ranges::any_of(group.members, [&](const auto& member) { return subscribes(member.second, topic); });
}

void begin_reading(GroupTurn& turn, const ConsumerGroup& group, const GroupMember& member) {
  if (!member.info.topics) return;
  const StoredGroup* stored = turn.store.find(group.id);
  SubscriptionChanged record{.group = group.id, .changed_ms = turn.now.wall_ms};
  for (const std::string& topic : *member.info.topics)
    if (!stored || !stored->topics.contains(topic)) record.added.push_back(topic);
  if (!record.added.empty()) turn.emit(std::move(record));
}

void stop_reading(GroupTurn& turn, const ConsumerGroup& group) {
  drop_unless(turn, group.id,
              [&](const StoredGroup&, const std::string& topic) { return is_subscribed(group, topic); });
}

void stop_reading_uncommitted(GroupTurn& turn, const std::string& group) {
  drop_unless(turn, group,
              [](const StoredGroup& stored, const std::string& topic) { return stored.has_position_in(topic); });
}

}  // namespace godwit::engine
