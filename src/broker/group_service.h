#pragma once

#include <map>
#include <string>
#include <string_view>

#include "broker/envelope.h"
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
      ShardId shard = shard_of(command.group);
      release(shard, groups(shard).handle(command, context(e.session, e.request)));
    }
  }

  // Boot.
  Result<void> replay(ShardId shard, uint8_t type, uint8_t version, ByteView body);
  void restart();
  std::vector<engine::GroupRecord> snapshot(ShardId shard) const;
  void restore(ShardId shard, const engine::GroupRecord& record) { groups(shard).apply(record); }

  void topic_deleted(const std::string& topic);

 private:
  static ShardId shard_of(const std::string& group);
  engine::Groups& groups(ShardId shard);
  engine::GroupContext context(SessionId session, RequestId request);
  void release(ShardId shard, engine::GroupOutcome outcome);
  void note_positions(const engine::GroupRecord& record);
  void arm(ShardId shard);
  void list(const Envelope& e);

  Worker& worker_;
  std::map<ShardId, engine::Groups> groups_;
  std::map<ShardId, int64_t> armed_;
};

}  // namespace godwit::broker
