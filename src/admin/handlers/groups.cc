#include <map>
#include <utility>

#include <fmt/format.h>

#include "admin/handlers/handlers.h"
#include "admin/handlers/ledgers.h"

namespace godwit::admin::handlers {
namespace {

std::string_view state_text(model::GroupState state) {
  switch (state) {
    case model::GroupState::kEmpty: return "empty";
    case model::GroupState::kPreparingRebalance: return "preparing-rebalance";
    case model::GroupState::kCompletingRebalance: return "completing-rebalance";
    case model::GroupState::kStable: return "stable";
    case model::GroupState::kDead: return "dead";
  }
  return "unknown";
}

json::object group_to_json(const model::GroupInfo& group) {
  return {{"name", group.id},
          {"state", state_text(group.state)},
          {"protocol_type", group.protocol_type},
          {"protocol", group.protocol}};
}

struct Shown {
  model::GroupInfo group;
  std::vector<model::CommittedOffset> offsets;
  std::optional<Error> error;
};

json::array members_to_json(const model::GroupInfo& group) {
  json::array members;
  for (const model::GroupMemberInfo& m : group.members)
    members.push_back(json::object{{"id", m.member_id}, {"client_id", m.client_id}, {"host", m.client_host}});
  return members;
}

/// The positions with the distance to each partition's end.
void reply_with_lag(const CallPtr& call, Shown& shown) {
  if (shown.error) return call->refuse(*shown.error);
  if (shown.group.state == model::GroupState::kDead && shown.offsets.empty())
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no group '{}'", call->argument(0))});
  json::object out = group_to_json(shown.group);
  out["name"] = call->argument(0);
  out["members"] = members_to_json(shown.group);
  std::vector<PartitionId> partitions;
  for (const model::CommittedOffset& o : shown.offsets) {
    const model::TopicInfo* topic = call->catalog().topic({call->space(), o.topic});
    partitions.push_back({topic ? topic->id : TopicId(), o.partition});
  }
  describe_partitions(
      call, std::move(partitions),
      [call, out = std::move(out), offsets = std::move(shown.offsets)](std::vector<PartitionState>& states) mutable {
        json::array list;
        for (size_t i = 0; i < offsets.size(); ++i)
          list.push_back(json::object{{"topic", offsets[i].topic},
                                      {"partition", offsets[i].partition},
                                      {"offset", offsets[i].offset.value},
                                      {"end", states[i].end.value},
                                      {"lag", std::max<int64_t>(0, states[i].end - offsets[i].offset)},
                                      {"commit_ms", offsets[i].commit_ms},
                                      {"metadata", offsets[i].metadata}});
        out["offsets"] = std::move(list);
        call->reply(out);
      });
}

}  // namespace

void list_groups(const CallPtr& call) {
  call->submit(model::ListGroups{}, [call](const Result<model::GroupsListed>& listed) {
    if (!listed) return call->refuse(listed.error());
    json::array groups;
    for (const model::GroupInfo& group : listed->groups) groups.push_back(group_to_json(group));
    call->reply(json::object{{"groups", std::move(groups)}});
  });
}

void show_group(const CallPtr& call) {
  auto all = gather<Shown>(call, [call](Shown& shown) { reply_with_lag(call, shown); });
  call->submit(model::DescribeGroup{call->argument(0)}, [all](const Result<model::GroupDescribed>& described) {
    if (described)
      all->value.group = described->group;
    else
      all->value.error = described.error();
  });
  call->submit(model::FetchOffsets{.group = call->argument(0)}, [all](const Result<model::OffsetsFetched>& fetched) {
    if (fetched)
      all->value.offsets = fetched->offsets;
    else
      all->value.error = fetched.error();
  });
}

void delete_group(const CallPtr& call) {
  call->submit(model::DeleteGroup{call->argument(0)}, [call](const Result<model::GroupDeleted>& deleted) {
    if (!deleted) return call->refuse(deleted.error());
    call->reply(json::object{{"deleted", true}});
  });
}

}  // namespace godwit::admin::handlers
