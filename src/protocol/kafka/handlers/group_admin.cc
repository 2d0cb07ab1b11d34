#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "model/commands/group.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/handlers/pending.h"
#include "protocol/kafka/handlers/repeats.h"
#include "protocol/kafka/operations.h"

namespace godwit::protocol::kafka {
namespace {

constexpr std::string_view kClassic = "classic";

std::string_view state_name(model::GroupState state) {
  switch (state) {
    case model::GroupState::kEmpty: return "Empty";
    case model::GroupState::kPreparingRebalance: return "PreparingRebalance";
    case model::GroupState::kCompletingRebalance: return "CompletingRebalance";
    case model::GroupState::kStable: return "Stable";
    case model::GroupState::kDead: return "Dead";
  }
  return "Dead";
}

/// Clients compare these names without regard to case.
bool same_name(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool listed(const std::vector<std::string>& filter, std::string_view name) {
  return filter.empty() || std::ranges::any_of(filter, [&](const std::string& f) { return same_name(f, name); });
}

void describe(model::GroupInfo group, int16_t version, DescribeGroupsResponse::Group& answer) {
  constexpr int16_t kNotFoundSince = 6;
  bool dead = group.state == model::GroupState::kDead;
  if (dead && version >= kNotFoundSince) {
    answer.error = error::kGroupIdNotFound;
    answer.error_message = "group " + answer.id + " not found";
  }
  answer.state = state_name(group.state);
  answer.protocol_type = std::move(group.protocol_type);
  answer.protocol = std::move(group.protocol);
  for (model::GroupMemberInfo& member : group.members)
    answer.members.push_back({std::move(member.member_id), std::move(member.instance_id), std::move(member.client_id),
                              std::move(member.client_host), std::move(member.metadata), std::move(member.assignment)});
}

}  // namespace

void handle_describe_groups(Call<DescribeGroupsRequest> call) {
  drop_repeats(call.request.groups, [](const std::string& id) { return id; });
  using Run = Pending<DescribeGroupsRequest>;
  auto run = std::make_shared<Run>(std::move(call));
  const DescribeGroupsRequest& request = run->call.request;
  run->response.groups.resize(request.groups.size());
  for (size_t i = 0; i < request.groups.size(); ++i) {
    DescribeGroupsResponse::Group& answer = run->response.groups[i];
    answer.id = request.groups[i];
    if (request.include_operations) answer.operations = kGroupOperations;
    Run::part(run, model::DescribeGroup{answer.id}, [&answer](Run& done, Result<model::GroupDescribed> described) {
      if (described)
        describe(std::move(described->group), done.call.version(), answer);
      else
        answer.error = kafka_error(described.error().code, Subject::kGroup);
    });
  }
  run->part_done();
}

void handle_list_groups(Call<ListGroupsRequest> call) {
  Session* session = call.session;
  session->submit(model::ListGroups{}, [call = std::move(call)](Result<model::GroupsListed> groups) mutable {
    ListGroupsResponse response;
    if (!groups) {
      response.error = kafka_error(groups.error().code, Subject::kGroup);
      return call.reply(response);
    }
    for (model::GroupInfo& group : groups->groups) {
      std::string_view state = state_name(group.state);
      if (listed(call.request.states, state) && listed(call.request.types, kClassic))
        response.groups.push_back(
            {std::move(group.id), std::move(group.protocol_type), std::string(state), std::string(kClassic)});
    }
    call.reply(response);
  });
}

void handle_delete_groups(Call<DeleteGroupsRequest> call) {
  using Run = Pending<DeleteGroupsRequest>;
  auto run = std::make_shared<Run>(std::move(call));
  const DeleteGroupsRequest& request = run->call.request;
  run->response.groups.resize(request.groups.size());
  for (size_t i = 0; i < request.groups.size(); ++i) {
    DeleteGroupsResponse::Group& answer = run->response.groups[i];
    answer.id = request.groups[i];
    Run::part(run, model::DeleteGroup{answer.id}, [&answer](Run&, Result<model::GroupDeleted> deleted) {
      if (!deleted) answer.error = kafka_error(deleted.error().code, Subject::kGroup);
    });
  }
  run->part_done();
}

}  // namespace godwit::protocol::kafka
