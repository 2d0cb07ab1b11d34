#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/commands/group.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/handlers/pending.h"
#include "protocol/kafka/handlers/repeats.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

constexpr int16_t kIdsSince = 10;
/// offset.metadata.max.bytes of Kafka.
constexpr size_t kMetadataBytesMax = 4096;

int16_t unknown_topic(bool by_id) { return by_id ? error::kUnknownTopicId : error::kUnknownTopicOrPartition; }

/// What of a commit can be stored; the rest gets its error in the response right away.
std::vector<model::CommittedOffset> storable(const Call<OffsetCommitRequest>& call, OffsetCommitResponse& response) {
  std::vector<model::CommittedOffset> offsets;
  for (const auto& topic : call.request.topics) {
    bool by_id = call.version() >= kIdsSince;
    const model::TopicInfo* info = find_topic(call.session->catalog(), by_id, topic.id, topic.name);
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    answer.id = topic.id;
    for (const auto& partition : topic.partitions) {
      auto& code = answer.partitions.emplace_back(OffsetCommitResponse::Partition{partition.index, 0}).error;
      if (!partition_of(info, partition.index))
        code = unknown_topic(by_id && !info);
      else if (partition.metadata && partition.metadata->size() > kMetadataBytesMax)
        code = error::kOffsetMetadataTooLarge;
      else
        offsets.push_back({.topic = info->name.text,
                           .partition = static_cast<uint32_t>(partition.index),
                           .offset = Offset(partition.offset),
                           .leader_epoch = partition.leader_epoch,
                           .metadata = partition.metadata.value_or("")});
    }
  }
  return offsets;
}

void refuse_all(OffsetCommitResponse& response, int16_t code) {
  for (auto& topic : response.topics)
    for (auto& partition : topic.partitions)
      if (partition.error == error::kNone) partition.error = code;
}

}  // namespace

void handle_offset_commit(Call<OffsetCommitRequest> call) {
  OffsetCommitResponse response;
  model::CommitOffsets commit;
  commit.group = call.request.group;
  commit.member_id = call.request.member_id;
  commit.instance_id = call.request.instance_id;
  commit.generation = call.request.generation;
  commit.offsets = storable(call, response);
  if (commit.offsets.empty()) return call.reply(response);
  Session* session = call.session;
  session->submit(std::move(commit), [call = std::move(call), response = std::move(response)](
                                         Result<model::OffsetsCommitted> committed) mutable {
    if (!committed) {
      ErrorCode code = committed.error().code;
      // A group that nobody ever joined is no reason to refuse a member's commit in other words than Kafka's.
      refuse_all(response, code == ErrorCode::kNotFound ? static_cast<int16_t>(error::kIllegalGeneration)
                                                        : kafka_error(code, Subject::kGroup));
    }
    call.reply(response);
  });
}

namespace {

using FetchRun = Pending<OffsetFetchRequest>;
using Positions = std::map<std::pair<std::string, uint32_t>, model::CommittedOffset>;

OffsetFetchResponse::Partition position_of(int32_t index, const model::CommittedOffset* committed) {
  OffsetFetchResponse::Partition answer{.index = index, .metadata = ""};
  if (!committed) return answer;
  answer.offset = committed->offset.value;
  answer.leader_epoch = committed->leader_epoch;
  answer.metadata = committed->metadata;
  return answer;
}

/// The topics asked for with the name each has now; an id that no topic has leaves the name empty.
struct Asked {
  std::string name;
  wire::Uuid id;
  std::vector<int32_t> partitions;
};

void fill_asked(const std::vector<Asked>& asked, const Positions& positions, OffsetFetchResponse::Group& answer) {
  for (const Asked& topic : asked) {
    auto& out = answer.topics.emplace_back();
    out.name = topic.name;
    out.id = topic.id;
    for (int32_t index : topic.partitions) {
      auto it = positions.find({topic.name, static_cast<uint32_t>(index)});
      out.partitions.push_back(position_of(index, it == positions.end() ? nullptr : &it->second));
      if (topic.name.empty()) out.partitions.back().error = error::kUnknownTopicId;
    }
  }
}

void fill_all(FetchRun& run, const Positions& positions, OffsetFetchResponse::Group& answer) {
  const model::CatalogView& catalog = run.call.session->catalog();
  for (const auto& [key, committed] : positions) {
    if (answer.topics.empty() || answer.topics.back().name != key.first) {
      const model::TopicInfo* topic = catalog.topic(topic_name(key.first));
      if (!topic && run.call.version() >= kIdsSince) continue;  // nothing to call it by
      auto& out = answer.topics.emplace_back();
      out.name = key.first;
      if (topic) out.id = uuid_of(topic->id);
    }
    answer.topics.back().partitions.push_back(position_of(static_cast<int32_t>(key.second), &committed));
  }
}

/// A topic may well come twice, with some of its partitions each time.
void drop_repeated_partitions(OffsetFetchRequest::Group& group) {
  std::set<std::tuple<std::string_view, std::array<uint8_t, 16>, int32_t>> seen;
  if (!group.topics) return;
  for (auto& topic : *group.topics)
    std::erase_if(topic.partitions,
                  [&](int32_t index) { return !seen.emplace(topic.name, topic.id.bytes, index).second; });
}

void fetch_group(const std::shared_ptr<FetchRun>& run, const OffsetFetchRequest::Group& group,
                 OffsetFetchResponse::Group& answer) {
  answer.id = group.id;
  model::FetchOffsets fetch;
  fetch.group = group.id;
  std::optional<std::vector<Asked>> asked;
  if (group.topics) {
    asked.emplace();
    fetch.partitions.emplace();
    for (const auto& topic : *group.topics) {
      bool by_id = run->call.version() >= kIdsSince;
      const model::TopicInfo* info = by_id ? find_topic(run->call.session->catalog(), true, topic.id, "") : nullptr;
      std::string name = by_id ? (info ? info->name.text : "") : topic.name;
      for (int32_t index : topic.partitions)
        if (!name.empty()) fetch.partitions->emplace_back(name, static_cast<uint32_t>(index));
      asked->push_back({std::move(name), topic.id, topic.partitions});
    }
  }
  FetchRun::part(run, std::move(fetch),
                 [asked = std::move(asked), &answer](FetchRun& done, Result<model::OffsetsFetched> fetched) {
                   Positions positions;
                   if (fetched)
                     for (auto& o : fetched->offsets) positions[{o.topic, o.partition}] = std::move(o);
                   // A group that does not exist has no positions; that is no error.
                   else if (fetched.error().code != ErrorCode::kNotFound)
                     answer.error = kafka_error(fetched.error().code, Subject::kGroup);
                   if (asked)
                     fill_asked(*asked, positions, answer);
                   else
                     fill_all(done, positions, answer);
                 });
}

}  // namespace

/// No transaction is ever open, so every position is stable.
void handle_offset_fetch(Call<OffsetFetchRequest> call) {
  constexpr int16_t kManySince = 8;
  drop_repeats(call.request.groups, [](const auto& group) { return group.id; });
  drop_repeated_partitions(call.request.one);
  for (auto& group : call.request.groups) drop_repeated_partitions(group);
  auto run = std::make_shared<FetchRun>(std::move(call));
  const OffsetFetchRequest& request = run->call.request;
  if (run->call.version() < kManySince) {
    fetch_group(run, request.one, run->response.one);
  } else {
    run->response.groups.resize(request.groups.size());
    for (size_t i = 0; i < request.groups.size(); ++i) fetch_group(run, request.groups[i], run->response.groups[i]);
  }
  run->part_done();
}

void handle_offset_delete(Call<OffsetDeleteRequest> call) {
  model::DeleteOffsets command;
  command.group = call.request.group;
  for (const auto& topic : call.request.topics)
    for (const auto& partition : topic.partitions)
      command.partitions.emplace_back(topic.name, static_cast<uint32_t>(partition.index));
  Session* session = call.session;
  session->submit(std::move(command), [call = std::move(call)](Result<model::OffsetsDeleted> deleted) mutable {
    OffsetDeleteResponse response;
    int16_t partition_error = error::kNone;
    if (!deleted) {
      int16_t code = kafka_error(deleted.error().code, Subject::kGroup);
      // The whole group is refused, except where a member reads the topic: that is each partition's own.
      bool subscribed = deleted.error().code == ErrorCode::kGroupNotEmpty;
      (subscribed ? partition_error : response.error) =
          subscribed ? static_cast<int16_t>(error::kGroupSubscribedToTopic) : code;
    }
    if (response.error == error::kNone)
      for (const auto& topic : call.request.topics) {
        auto& answer = response.topics.emplace_back();
        answer.name = topic.name;
        for (const auto& partition : topic.partitions) answer.partitions.push_back({partition.index, partition_error});
      }
    call.reply(response);
  });
}

}  // namespace godwit::protocol::kafka
