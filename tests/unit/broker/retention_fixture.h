#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {

/// A broker of three workers whose topics' retention is looked at: queues that are worked off, groups that read.
class RetentionFixture : public Scenario {
 protected:
  using Topics = std::vector<std::string>;

  RetentionFixture() : Scenario({.workers = 3}) { world.advance(10); }

  /// The log's start as readers see it.
  Offset start(const std::string& topic) {
    auto found = client.ask(model::FindOffset{.partition = partition(topic), .at = model::FindOffset::At::kStart});
    EXPECT_TRUE(found);
    return found ? *found->offset : Offset(-1);
  }
  /// Publishes to the queue of that name, whose consumer settles at once.
  void work(const std::string& queue, const std::vector<std::string>& all) {
    send(queue, all);
    for (const Got& got : receive(queue, 100)) EXPECT_TRUE(settle_lease(got));
  }
  model::JoinGroup joining(const std::string& group, Topics topics, std::string member = "") {
    return {.group = group,
            .member_id = std::move(member),
            .client_id = "c",
            .protocol_type = "consumer",
            .protocols = {{.name = "range", .metadata = {1}}},
            .topics = std::move(topics),
            .session_timeout_ms = 10'000,
            .rebalance_timeout_ms = 10'000};
  }
  /// A stable group of one member.
  model::JoinedGroup join(const std::string& group, Topics topics, std::string member = "") {
    auto joined = client.ask(joining(group, std::move(topics), std::move(member)));
    EXPECT_TRUE(joined);
    if (!joined) return {};
    auto synced = client.ask(model::SyncGroup{.group = group,
                                              .member_id = joined->member_id,
                                              .generation = joined->generation,
                                              .assignments = {{joined->member_id, {7}}}});
    EXPECT_TRUE(synced) << synced.error().message;
    return *joined;
  }
  void commit(const std::string& group, const model::JoinedGroup& member, const std::string& topic, int64_t offset) {
    EXPECT_TRUE(client.ask(model::CommitOffsets{.group = group,
                                                .member_id = member.member_id,
                                                .generation = member.generation,
                                                .offsets = {{.topic = topic, .offset = Offset(offset)}}}));
    world.advance(10);
  }
  void leave(const std::string& group, const model::JoinedGroup& member) {
    EXPECT_TRUE(client.ask(model::LeaveGroup{.group = group, .members = {{.member_id = member.member_id}}}));
  }
  void keep_settled(const std::string& topic, int64_t ms) {
    EXPECT_TRUE(client.ask(model::AlterTopic{{.text = topic}, {.settled_ms = ms}}));
  }
  static constexpr int64_t kMinute = 60'000;
};

}  // namespace godwit::scenario
