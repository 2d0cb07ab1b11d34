#pragma once

#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/group.h"
#include "engine/record_codec.h"

namespace godwit::engine {

/// The groups of one shard and their clients, driven by hand. Requests are known by number; answers are gathered, and a
/// second answer to one request fails the test. Every record passes through its stored form.
class GroupFixture : public testing::Test {
 protected:
  using Request = uint64_t;

  /// A member's JoinGroup: a consumer of `topic` that offers range and roundrobin.
  static model::JoinGroup joining(std::string member_id = "", std::string topic = "t") {
    return {.group = "g",
            .member_id = std::move(member_id),
            .client_id = "client",
            .client_host = "/127.0.0.1",
            .protocol_type = "consumer",
            .protocols = {{"range", subscription(topic)}, {"roundrobin", subscription(topic)}},
            .topics = std::vector<std::string>{topic},
            .session_timeout_ms = 10'000,
            .rebalance_timeout_ms = 60'000};
  }
  static model::JoinGroup static_joining(std::string instance, std::string member_id = "") {
    model::JoinGroup command = joining(std::move(member_id));
    command.instance_id = std::move(instance);
    return command;
  }
  static ByteVec subscription(std::string_view topic) {
    ByteVec bytes;
    Writer out(bytes);
    out.be<int16_t>(0);
    out.be<int32_t>(1);
    out.be<int16_t>(static_cast<int16_t>(topic.size()));
    out.bytes(topic);
    return bytes;
  }
  static model::CommittedOffset at(std::string topic, uint32_t partition, int64_t offset) {
    return {.topic = std::move(topic), .partition = partition, .offset = Offset(offset)};
  }

  template <class Command>
  Request send(const Command& command) {
    GroupContext context{.token = {7, ++requests}, .now = now, .random = {}};
    std::memcpy(context.random.data(), &requests, sizeof requests);
    take(groups.handle(command, context));
    return requests;
  }
  void take(GroupOutcome outcome) {
    records.clear();
    for (const GroupRecord& record : outcome.records) {
      ByteVec bytes;
      encode_record(record, bytes);
      auto read = decode_record<GroupRecord>(record_type(record), kGroupRecordVersion, bytes);
      ASSERT_TRUE(read && *read == record);
      records.push_back(record);
      journal.push_back(record);
    }
    for (GroupAnswer& answer : outcome.answers) {
      EXPECT_EQ(answer.token.session, 7u);
      EXPECT_TRUE(answers.emplace(answer.token.request, std::move(answer.reply)).second) << answer.token.request;
    }
  }
  /// Lets time pass, waking the groups whenever they asked for it.
  void pass(int64_t ms) {
    int64_t end = now.boot_ms + ms;
    while (groups.next_deadline() <= end) {
      int64_t step = std::max<int64_t>(groups.next_deadline() - now.boot_ms, 0);
      now.boot_ms += step;
      now.wall_ms += step;
      take(groups.on_timer(now));
      ASSERT_GT(groups.next_deadline(), now.boot_ms);
    }
    now.wall_ms += end - now.boot_ms;
    now.boot_ms = end;
  }

  bool parked(Request request) const { return !answers.contains(request); }
  template <class Reply>
  Reply reply(Request request) {
    auto at = answers.find(request);
    if (at == answers.end()) return ADD_FAILURE() << "request " << request << " is parked", Reply();
    if (!at->second) return ADD_FAILURE() << at->second.error().message, Reply();
    if (!std::holds_alternative<Reply>(*at->second)) return ADD_FAILURE() << "another reply", Reply();
    return std::get<Reply>(*at->second);
  }
  model::JoinedGroup joined(Request request) { return reply<model::JoinedGroup>(request); }
  std::string assignment(Request request) {
    return std::string(as_string(reply<model::SyncedGroup>(request).assignment));
  }
  std::optional<ErrorCode> error(Request request) const {
    auto at = answers.find(request);
    return at == answers.end() || at->second ? std::nullopt : std::optional(at->second.error().code);
  }

  Request sync(const std::string& member_id, int32_t generation,
               const std::vector<std::pair<std::string, std::string>>& assignments = {}) {
    model::SyncGroup command{.group = "g", .member_id = member_id, .generation = generation};
    for (const auto& [id, text] : assignments) command.assignments.emplace_back(id, ByteVec(text.begin(), text.end()));
    return send(command);
  }
  Request heartbeat(const std::string& member_id, int32_t generation) {
    return send(model::HeartbeatGroup{.group = "g", .member_id = member_id, .generation = generation});
  }
  Request leave(const std::string& member_id) {
    return send(model::LeaveGroup{.group = "g", .members = {{member_id, std::nullopt}}});
  }
  Request commit(const std::string& member_id, int32_t generation, std::vector<model::CommittedOffset> offsets) {
    return send(model::CommitOffsets{
        .group = "g", .member_id = member_id, .generation = generation, .offsets = std::move(offsets)});
  }
  std::vector<model::CommittedOffset> fetch(std::string group = "g") {
    return reply<model::OffsetsFetched>(send(model::FetchOffsets{.group = std::move(group)})).offsets;
  }
  model::GroupInfo describe(std::string group = "g") {
    return reply<model::GroupDescribed>(send(model::DescribeGroup{std::move(group)})).group;
  }

  /// A stable group of `count` members; their ids, the leader's first. Each has its own id as assignment.
  std::vector<std::string> stable_group(size_t count) {
    std::vector<std::string> ids{joined(send(joining())).member_id};
    while (ids.size() < count) {
      std::vector<Request> requests_sent;
      requests_sent.push_back(send(joining()));
      for (const std::string& id : ids) requests_sent.push_back(send(joining(id)));
      ids.push_back(joined(requests_sent[0]).member_id);
    }
    sync_all(ids);
    return ids;
  }
  /// Completes the rebalance under way; the leader must be among `ids`.
  void sync_all(const std::vector<std::string>& ids) {
    std::vector<std::pair<std::string, std::string>> assignments;
    for (const std::string& id : ids) assignments.emplace_back(id, id);
    std::vector<Request> syncs;
    for (const std::string& id : ids) syncs.push_back(sync(id, generation(), assignments));
    for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(assignment(syncs[i]), ids[i]);
  }
  int32_t generation() const {
    int32_t newest = 0;
    for (const auto& [request, answer] : answers)
      if (answer && std::holds_alternative<model::JoinedGroup>(*answer))
        newest = std::max(newest, std::get<model::JoinedGroup>(*answer).generation);
    return newest;
  }
  /// The broker stops and starts again.
  void restart() {
    groups = Groups(settings);
    for (const GroupRecord& record : journal) groups.apply(record);
    groups.resume(now);
  }

  GroupSettings settings;
  Groups groups{settings};
  model::Now now{.wall_ms = 1'700'000'000'000, .boot_ms = 1'700'000'000'000};
  std::map<Request, Result<GroupReply>> answers;
  std::vector<GroupRecord> records;  ///< of the last call
  std::vector<GroupRecord> journal;
  Request requests = 0;
};

}  // namespace godwit::engine
