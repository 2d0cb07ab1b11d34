#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/envelope.h"
#include "broker/retention.h"
#include "engine/group.h"

namespace godwit::broker {

class Worker;

/// The namespace that every Kafka connection sees, and so its consumer groups.
constexpr std::string_view kGroupSpace = "default";

/// The consumer groups whose shards this worker owns.
class GroupService {
 public:
  explicit GroupService(Worker& worker) : worker_(worker) {}

  template <class C>
    requires requires(engine::Groups& groups, const C& c, const engine::GroupContext& x) { groups.handle(c, x); }
  void run(Envelope& e, const C& command) {
    if constexpr (std::is_same_v<C, model::ListGroups>) {
      list(e);
    } else {
      if (!check_id(e, command.group)) return;
      ShardId shard = shard_of(command.group);
      engine::GroupOutcome outcome = groups(shard).handle(command, context(e.session, e.request));
      bool for_show = false;
      if constexpr (std::is_same_v<C, model::FetchOffsets>) for_show = command.for_show && outcome.records.empty();
      release(shard, std::move(outcome), for_show);
    }
  }

  // Boot.
  Result<void> replay(ShardId shard, uint8_t type, uint8_t version, ByteView body);
  void restart();
  std::vector<engine::GroupRecord> snapshot(ShardId shard) const;
  void restore(ShardId shard, const engine::GroupRecord& record) { groups(shard).apply(record); }

  void topic_deleted(const std::string& topic);
  /// Partitions' owners learn which of the groups here read them, and which do not any more.
  void tell_readers(const std::vector<ReaderQuery>& queries);

 private:
  static ShardId shard_of(const std::string& group);
  engine::Groups& groups(ShardId shard);
  /// Whether it is short enough; else that is the reply.
  bool check_id(const Envelope& e, const std::string& group);
  engine::GroupContext context(SessionId session, RequestId request);
  /// Records the outcome; its answers wait until that is durable, unless they are only `for_show`.
  void release(ShardId shard, engine::GroupOutcome outcome, bool for_show = false);
  /// Answers that wait until what a group subscribes to is kept for it.
  struct Held {
    size_t waiting = 0;  ///< partitions that have not said so yet
    uint64_t lsn = 0;
    std::vector<engine::GroupAnswer> answers;
  };
  /// What a record means to the partitions that the group reads. They keep what a subscription needs at once, and let
  /// go of what was passed when the record that says so is durable: no crash takes that back.
  void note(const engine::GroupRecord& record, const std::shared_ptr<Held>& held);
  /// Once what the group's shard has recorded is durable.
  void note_position(const std::string& group, PartitionId partition, Offset position);
  /// Likewise, unless the group reads `topic` again by then.
  void note_left(const std::string& group, const std::string& topic, PartitionId partition);
  void note_reader(const std::string& group, PartitionId partition, std::optional<Offset> position);
  void hold(const std::string& group, PartitionId partition, const std::shared_ptr<Held>& held);
  void answer(Held& held);
  void answer_held();
  template <class F>
  void for_each_partition(const std::string& topic, F&& f);
  /// Null unless its retention waits for readers.
  const model::TopicInfo* settled_topic(const std::string& name);
  std::optional<PartitionId> settled_partition(const std::string& topic, uint32_t index);
  bool reads(const std::string& group, const std::string& topic, uint32_t partition);
  void arm(ShardId shard);
  void list(const Envelope& e);

  Worker& worker_;
  engine::GroupSettings settings_;
  std::map<ShardId, engine::Groups> groups_;
  std::map<ShardId, int64_t> armed_;
  std::deque<std::shared_ptr<Held>> held_;
};

}  // namespace godwit::broker
