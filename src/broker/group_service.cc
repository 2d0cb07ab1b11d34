#include "broker/group_service.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "base/limits.h"
#include "broker/broker.h"
#include "broker/worker.h"
#include "engine/record_codec.h"
#include "model/placement.h"

namespace godwit::broker {
ShardId GroupService::shard_of(const std::string& group) { return model::shard_of_group(kGroupSpace, group); }

engine::Groups& GroupService::groups(ShardId shard) { return groups_.try_emplace(shard, settings_).first->second; }

bool GroupService::check_id(const Envelope& e, const std::string& group) {
  if (group.size() <= kNameBytesMax) return true;
  worker_.reply(e.session, e.request,
                fail(ErrorCode::kTooLarge,
                     fmt::format("a group's id of {} bytes; at most {} are taken", group.size(), kNameBytesMax)));
  return false;
}

engine::GroupContext GroupService::context(SessionId session, RequestId request) {
  engine::GroupContext context{.token = {session.value, request}, .now = worker_.now()};
  uint64_t random[2] = {worker_.loop().random(), worker_.loop().random()};
  std::memcpy(context.random.data(), random, sizeof random);
  return context;
}

void GroupService::release(ShardId shard, engine::GroupOutcome outcome, bool for_show) {
  Stage::OwnedShard& owner = worker_.stage().shard(shard);
  auto held = std::make_shared<Held>();
  for (const engine::GroupRecord& record : outcome.records) {
    ByteVec body;
    engine::encode_record(record, body);
    owner.shard.emit_foreign(static_cast<engine::RecordType>(engine::record_type(record)), engine::kGroupRecordVersion,
                             body);
    note(record, held);
  }
  held->lsn = for_show ? 0 : owner.last_lsn;
  held->answers = std::move(outcome.answers);
  if (for_show) return answer(*held);
  held_.push_back(std::move(held));
  answer_held();
  arm(shard);
}

/// In their order: who is told of a generation may read at once.
void GroupService::answer_held() {
  while (!held_.empty() && held_.front()->waiting == 0) {
    answer(*held_.front());
    held_.pop_front();
  }
}

void GroupService::answer(Held& held) {
  for (engine::GroupAnswer& answer : held.answers) {
    Reply reply = answer.reply
                      ? std::visit([](auto& value) { return Reply(ReplyValue(std::move(value))); }, *answer.reply)
                      : Reply(std::unexpected(std::move(answer.reply.error())));
    worker_.reply(SessionId(answer.token.session), answer.token.request, std::move(reply), held.lsn);
  }
}

void GroupService::arm(ShardId shard) {
  int64_t deadline = groups(shard).next_deadline();
  auto armed = armed_.find(shard);
  if (deadline == engine::kNever || (armed != armed_.end() && armed->second <= deadline)) return;
  armed_[shard] = deadline;
  worker_.call_at(deadline, [this, shard, deadline] {
    auto again = armed_.find(shard);
    if (again == armed_.end() || again->second != deadline) return;  // an earlier one has taken over
    armed_.erase(again);
    release(shard, groups(shard).on_timer(worker_.now()));
  });
}

void GroupService::list(const Envelope& e) {
  struct Gather {
    size_t waiting;
    model::GroupsListed listed;
  };
  Broker& broker = worker_.broker();
  auto gather = std::make_shared<Gather>(Gather{broker.workers(), {}});
  WorkerId home = worker_.id();
  broker.run_on_each([gather, home, session = e.session, request = e.request](Worker& there) {
    std::vector<model::GroupInfo> found;
    for (auto& [shard, groups] : there.groups().groups_)
      for (engine::GroupAnswer& answer : groups.handle(model::ListGroups{}, {.now = there.now()}).answers)
        if (answer.reply)
          for (model::GroupInfo& info : std::get<model::GroupsListed>(*answer.reply).groups)
            found.push_back(std::move(info));
    there.broker().run_on(home, [gather, session, request, found = std::move(found)](Worker& asker) mutable {
      for (model::GroupInfo& info : found) gather->listed.groups.push_back(std::move(info));
      if (--gather->waiting == 0) asker.reply(session, request, std::move(gather->listed));
    });
  });
}

Result<void> GroupService::replay(ShardId shard, uint8_t type, uint8_t version, ByteView body) {
  if (version > engine::kGroupRecordVersion)
    return fail(ErrorCode::kUnsupported, "a consumer group's record was written by a newer release");
  auto record = engine::decode_record<engine::GroupRecord>(type, version, body);
  if (!record) return std::unexpected(record.error());
  groups(shard).apply(*record);
  return {};
}

void GroupService::restart() {
  settings_.offsets_retention_ms = worker_.options().group_offsets_retention_ms;
  // Both halves of a group's record are well within what the journal takes at once.
  settings_.bytes_max = std::min(settings_.bytes_max, worker_.broker().journal().append_bytes_max() / 8);
  for (auto& [shard, groups] : groups_) {
    groups.configure(settings_);
    groups.resume(worker_.now());
    arm(shard);
  }
}

std::vector<engine::GroupRecord> GroupService::snapshot(ShardId shard) const {
  auto it = groups_.find(shard);
  return it == groups_.end() ? std::vector<engine::GroupRecord>() : it->second.snapshot();
}

void GroupService::topic_deleted(const std::string& topic) {
  for (auto& [shard, groups] : groups_) release(shard, groups.topic_deleted(topic, worker_.now()));
}

}  // namespace godwit::broker
