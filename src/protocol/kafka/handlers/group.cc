#include "model/commands/group.h"

#include <algorithm>
#include <utility>

#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/subscription.h"

namespace godwit::protocol::kafka {
namespace {

template <class Response>
void set_error(Response& response, const Error& e) {
  response.error = kafka_error(e.code, Subject::kGroup);
}

int16_t code_of(const std::optional<ErrorCode>& refused) {
  return refused ? kafka_error(*refused, Subject::kGroup) : static_cast<int16_t>(error::kNone);
}

JoinGroupResponse joined_response(Result<model::JoinedGroup> joined, int16_t version, std::string member_id) {
  constexpr int16_t kProtocolMayBeNull = 7;
  JoinGroupResponse response;
  response.member_id = std::move(member_id);
  if (version < kProtocolMayBeNull) response.protocol = "";
  if (!joined) return set_error(response, joined.error()), response;
  response.error = code_of(joined->error);
  response.generation = joined->generation;
  response.member_id = std::move(joined->member_id);
  response.leader = std::move(joined->leader);
  response.skip_assignment = joined->skip_assignment;
  if (joined->error) return response;
  response.protocol_type = std::move(joined->protocol_type);
  response.protocol = std::move(joined->protocol);
  for (model::GroupMemberInfo& member : joined->members)
    response.members.push_back(
        {std::move(member.member_id), std::move(member.instance_id), std::move(member.metadata)});
  return response;
}

}  // namespace

void handle_join_group(Call<JoinGroupRequest> call) {
  constexpr int16_t kMemberIdRequiredSince = 4;
  JoinGroupRequest& request = call.request;
  if (request.group.empty()) {
    JoinGroupResponse response = joined_response(model::JoinedGroup{}, call.version(), request.member_id);
    response.error = error::kInvalidGroupId;
    return call.reply(response);
  }
  model::JoinGroup join;
  join.group = request.group;
  join.member_id = request.member_id;
  join.instance_id = request.instance_id;
  join.client_id = call.header.client_id.value_or("");
  join.client_host = call.session->peer();
  join.protocol_type = request.protocol_type;
  for (auto& protocol : request.protocols)
    join.protocols.push_back({std::move(protocol.name), std::move(protocol.metadata)});
  join.topics = subscription_of(join.protocol_type, join.protocols);
  join.session_timeout_ms = request.session_timeout_ms;
  join.rebalance_timeout_ms = call.version() >= 1 ? request.rebalance_timeout_ms : request.session_timeout_ms;
  join.requires_known_member = call.version() >= kMemberIdRequiredSince && !request.instance_id;
  Session* session = call.session;
  session->submit(std::move(join), [call = std::move(call)](Result<model::JoinedGroup> joined) mutable {
    call.reply(joined_response(std::move(joined), call.version(), call.request.member_id));
  });
}

void handle_sync_group(Call<SyncGroupRequest> call) {
  SyncGroupRequest& request = call.request;
  model::SyncGroup sync;
  sync.group = request.group;
  sync.member_id = request.member_id;
  sync.instance_id = request.instance_id;
  sync.generation = request.generation;
  sync.protocol_type = request.protocol_type;
  sync.protocol = request.protocol;
  for (auto& a : request.assignments) sync.assignments.emplace_back(std::move(a.member_id), std::move(a.assignment));
  Session* session = call.session;
  session->submit(std::move(sync), [call = std::move(call)](Result<model::SyncedGroup> synced) mutable {
    SyncGroupResponse response;
    if (synced) {
      response.protocol_type = std::move(synced->protocol_type);
      response.protocol = std::move(synced->protocol);
      response.assignment = std::move(synced->assignment);
    } else {
      set_error(response, synced.error());
    }
    call.reply(response);
  });
}

void handle_heartbeat(Call<HeartbeatRequest> call) {
  const HeartbeatRequest& request = call.request;
  model::HeartbeatGroup beat{request.group, request.member_id, request.instance_id, request.generation};
  Session* session = call.session;
  session->submit(std::move(beat), [call = std::move(call)](Result<model::GroupAlive> alive) mutable {
    HeartbeatResponse response;
    if (!alive) set_error(response, alive.error());
    call.reply(response);
  });
}

/// Before version 3 one member leaves, and its error is the answer's.
void handle_leave_group(Call<LeaveGroupRequest> call) {
  constexpr int16_t kManySince = 3;
  const LeaveGroupRequest& request = call.request;
  model::LeaveGroup leave;
  leave.group = request.group;
  if (call.version() < kManySince) leave.members.push_back({request.member_id, std::nullopt});
  for (const auto& member : request.members) leave.members.push_back({member.member_id, member.instance_id});
  Session* session = call.session;
  session->submit(std::move(leave), [call = std::move(call)](Result<model::LeftGroup> left) mutable {
    LeaveGroupResponse response;
    if (!left) {
      set_error(response, left.error());
      return call.reply(response);
    }
    left->errors.resize(std::max<size_t>(call.request.members.size(), 1));
    if (call.version() < kManySince) response.error = code_of(left->errors[0]);
    for (size_t i = 0; i < call.request.members.size(); ++i) {
      const auto& member = call.request.members[i];
      response.members.push_back({member.member_id, member.instance_id, code_of(left->errors[i])});
    }
    call.reply(response);
  });
}

}  // namespace godwit::protocol::kafka
