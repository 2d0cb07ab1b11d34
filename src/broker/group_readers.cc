#include "broker/broker.h"
#include "broker/group_service.h"
#include "broker/worker.h"
#include "model/placement.h"

// A group reads a topic when it has committed a position in it or subscribes to it; the partitions of a topic with
// `settled` retention are told, and keep what it has not passed.
namespace godwit::broker {

const model::TopicInfo* GroupService::settled_topic(const std::string& name) {
  const model::TopicInfo* topic = worker_.catalog().view().topic(model::Name{std::string(kGroupSpace), name});
  bool waits = topic && topic->settings.retention == model::Retention::kSettled && !topic->settings.is_volatile;
  return waits ? topic : nullptr;
}

std::optional<PartitionId> GroupService::settled_partition(const std::string& name, uint32_t index) {
  const model::TopicInfo* topic = settled_topic(name);
  return topic && index < topic->partitions ? std::optional(PartitionId{topic->id, index}) : std::nullopt;
}

template <class F>
void GroupService::for_each_partition(const std::string& name, F&& f) {
  const model::TopicInfo* topic = settled_topic(name);
  if (!topic) return;
  for (uint32_t i = 0; i < topic->partitions; ++i) f(PartitionId{topic->id, i});
}

bool GroupService::reads(const std::string& group, const std::string& topic, uint32_t partition) {
  const engine::StoredGroup* stored = groups(shard_of(group)).store().find(group);
  return stored && stored->reads(topic, partition);
}

void GroupService::note(const engine::GroupRecord& record, const std::shared_ptr<Held>& held) {
  if (const auto* stored = std::get_if<engine::OffsetsStored>(&record)) {
    for (const model::CommittedOffset& o : stored->offsets)
      if (auto p = settled_partition(o.topic, o.partition)) note_position(stored->group, *p, o.offset);
  } else if (const auto* removed = std::get_if<engine::OffsetsRemoved>(&record)) {
    for (const auto& [topic, index] : removed->partitions)
      if (auto p = settled_partition(topic, index)) note_left(removed->group, topic, *p);
  } else if (const auto* changed = std::get_if<engine::SubscriptionChanged>(&record)) {
    for (const std::string& topic : changed->added)
      for_each_partition(topic, [&](PartitionId p) { hold(changed->group, p, held); });
    for (const std::string& topic : changed->dropped)
      for_each_partition(topic, [&](PartitionId p) { note_left(changed->group, topic, p); });
  }
}

void GroupService::note_position(const std::string& group, PartitionId partition, Offset position) {
  worker_.when_durable(worker_.stage().shard(shard_of(group)).last_lsn,
                       [this, group, partition, position] { note_reader(group, partition, position); });
}

void GroupService::note_left(const std::string& group, const std::string& topic, PartitionId partition) {
  worker_.when_durable(worker_.stage().shard(shard_of(group)).last_lsn, [this, group, topic, partition] {
    if (!reads(group, topic, partition.index)) note_reader(group, partition, std::nullopt);
  });
}

void GroupService::note_reader(const std::string& group, PartitionId partition, std::optional<Offset> position) {
  worker_.broker().run_on(worker_.owner_of(model::shard_of(partition)), [partition, group, position](Worker& owner) {
    owner.retention().note_reader(partition, group, position);
  });
}

void GroupService::hold(const std::string& group, PartitionId partition, const std::shared_ptr<Held>& held) {
  ++held->waiting;
  WorkerId owner = worker_.owner_of(model::shard_of(partition));
  worker_.broker().run_on(owner, [home = worker_.id(), partition, group, held](Worker& there) {
    there.retention().hold(partition, group);
    there.when_durable(there.stage().lsn(), [&there, home, held] {
      there.broker().run_on(home, [held](Worker& asker) {
        --held->waiting;
        asker.groups().answer_held();
      });
    });
  });
}

void GroupService::tell_readers(const std::vector<ReaderQuery>& queries) {
  auto no_one_waits = std::make_shared<Held>();
  for (const ReaderQuery& query : queries) {
    uint32_t index = query.partition.index;
    for (auto& [shard, groups] : groups_) {
      for (const auto& [id, group] : groups.store().groups()) {
        if (group.reads(query.topic, index)) hold(id, query.partition, no_one_waits);
        if (auto at = group.offsets.find({query.topic, index}); at != group.offsets.end())
          note_position(id, query.partition, at->second.offset);
      }
    }
    for (const std::string& id : query.known) {
      if (worker_.owner_of(shard_of(id)) == worker_.id() && !reads(id, query.topic, index))
        note_left(id, query.topic, query.partition);
    }
  }
}

}  // namespace godwit::broker
