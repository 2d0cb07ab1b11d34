#include "engine/group_state.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace godwit::engine {
namespace {

constexpr size_t kNumbersBytes = 64;

/// Of a member or its request to join, without its id and what it is assigned.
template <class M>
size_t bytes_of(const M& member) {
  constexpr size_t kLengths = 8;
  size_t bytes = kNumbersBytes + member.client_id.size() + member.client_host.size();
  if (member.instance_id) bytes += member.instance_id->size();
  for (const model::GroupProtocol& protocol : member.protocols)
    bytes += kLengths + protocol.name.size() + protocol.metadata.size();
  if (member.topics)
    for (const std::string& topic : *member.topics) bytes += recorded_bytes(topic);
  return bytes;
}

/// The id that a member has, or will be given.
size_t id_bytes(const model::JoinGroup& command) {
  constexpr size_t kRandom = 40;
  if (!command.member_id.empty()) return command.member_id.size();
  return kRandom + (command.instance_id ? *command.instance_id : command.client_id).size();
}

std::set<std::string_view> names_of(const GroupMember& member) {
  std::set<std::string_view> names;
  for (const model::GroupProtocol& protocol : member.info.protocols) names.insert(protocol.name);
  return names;
}

}  // namespace

void GroupMember::update(const model::JoinGroup& command) {
  info.client_id = command.client_id;
  info.client_host = command.client_host;
  info.session_timeout_ms = command.session_timeout_ms;
  // The oldest JoinGroup has one timeout for both.
  info.rebalance_timeout_ms =
      command.rebalance_timeout_ms > 0 ? command.rebalance_timeout_ms : command.session_timeout_ms;
  info.protocols = command.protocols;
  info.topics = command.topics;
  if (!info.topics) return;
  std::ranges::sort(*info.topics);
  auto repeats = std::ranges::unique(*info.topics);
  info.topics->erase(repeats.begin(), repeats.end());
}

const ByteVec& GroupMember::metadata(std::string_view protocol) const {
  static const ByteVec none;
  auto at = std::ranges::find(info.protocols, protocol, &model::GroupProtocol::name);
  return at == info.protocols.end() ? none : at->metadata;
}

GroupMember* ConsumerGroup::find(std::string_view member_id) {
  auto at = members.find(member_id);
  return at == members.end() ? nullptr : &at->second;
}

Result<GroupMember*> ConsumerGroup::check(std::string_view member_id, const std::optional<std::string>& instance_id) {
  if (instance_id) {
    auto instance = instances.find(*instance_id);
    if (instance == instances.end())
      return fail(ErrorCode::kUnknownMember, fmt::format("group '{}' has no instance '{}'", id, *instance_id));
    if (instance->second != member_id)
      return fail(ErrorCode::kFenced,
                  fmt::format("instance '{}' of group '{}' is another member now", *instance_id, id));
  }
  if (GroupMember* member = find(member_id)) return member;
  return fail(ErrorCode::kUnknownMember, fmt::format("group '{}' has no member '{}'", id, member_id));
}

void ConsumerGroup::add(GroupMember member) {
  if (leader.empty()) leader = member.info.id;
  if (member.info.instance_id) instances[*member.info.instance_id] = member.info.id;
  std::string member_id = member.info.id;
  bool added = members.emplace(std::move(member_id), std::move(member)).second;
  CHECK(added, "group '{}' has the member already", id);
}

void ConsumerGroup::remove(std::string_view member_id) {
  auto at = members.find(member_id);
  CHECK(at != members.end() && !at->second.join && !at->second.sync, "group '{}', member '{}'", id, member_id);
  if (at->second.info.instance_id) instances.erase(*at->second.info.instance_id);
  bool was_leader = leader == member_id;
  members.erase(at);
  if (was_leader) leader = members.empty() ? "" : members.begin()->first;
}

bool ConsumerGroup::supports(std::string_view type, const std::vector<model::GroupProtocol>& protocols) const {
  if (type.empty() || protocols.empty()) return false;
  if (members.empty()) return true;
  if (type != protocol_type) return false;
  std::set<std::string_view> common = common_protocols();
  return std::ranges::any_of(protocols, [&](const auto& offered) { return common.contains(offered.name); });
}

std::set<std::string_view> ConsumerGroup::common_protocols() const {
  if (members.empty()) return {};
  std::set<std::string_view> common = names_of(members.begin()->second);
  for (const auto& [member_id, member] : members) {
    std::set<std::string_view> names = names_of(member);
    std::erase_if(common, [&](std::string_view name) { return !names.contains(name); });
  }
  return common;
}

std::string ConsumerGroup::choose_protocol() const {
  std::set<std::string_view> common = common_protocols();
  std::vector<std::pair<std::string_view, size_t>> votes;  // in order of the first vote, which wins a tie
  for (const auto& [member_id, voter] : members) {
    for (const model::GroupProtocol& offered : voter.info.protocols) {
      if (!common.contains(offered.name)) continue;
      auto at = std::ranges::find(votes, offered.name, [](const auto& vote) { return vote.first; });
      if (at == votes.end()) at = votes.emplace(votes.end(), offered.name, 0);
      ++at->second;
      break;
    }
  }
  CHECK(!votes.empty(), "the members of group '{}' share no protocol", id);
  return std::string(std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first);
}

bool ConsumerGroup::all_joined() const {
  return pending.empty() &&
         std::ranges::all_of(members, [](const auto& member) { return member.second.join.has_value(); });
}

bool ConsumerGroup::elect_leader() {
  if (const GroupMember* present = find(leader); present && present->join) return true;
  auto joined = std::ranges::find_if(members, [](const auto& member) { return member.second.join.has_value(); });
  if (joined == members.end()) return false;
  leader = joined->first;
  return true;
}

int32_t ConsumerGroup::rebalance_timeout_ms() const {
  int32_t longest = 0;
  for (const auto& [member_id, member] : members) longest = std::max(longest, member.info.rebalance_timeout_ms);
  return longest;
}

size_t ConsumerGroup::bytes_with(const model::JoinGroup& command) const {
  std::string_view replaced = command.member_id;
  if (auto place = command.instance_id ? instances.find(*command.instance_id) : instances.end();
      replaced.empty() && place != instances.end())
    replaced = place->second;
  size_t bytes = command.protocol_type.size() + id_bytes(command) + bytes_of(command);
  for (const auto& [member_id, member] : members)
    if (member_id != replaced) bytes += member_id.size() + bytes_of(member.info);
  for (const auto& [member_id, deadline_ms] : pending) bytes += kNumbersBytes + member_id.size();
  return bytes;
}

void ConsumerGroup::heard_of(GroupMember& member, const model::Now& now) {
  member.deadline_ms = now.boot_ms + member.info.session_timeout_ms;
  wake_at(member.deadline_ms);
}

model::GroupInfo ConsumerGroup::describe() const {
  bool stable = state == model::GroupState::kStable;
  model::GroupInfo info{.id = id, .state = state, .protocol_type = protocol_type, .members = member_infos(true)};
  if (stable) info.protocol = protocol;
  if (!stable)
    for (model::GroupMemberInfo& member : info.members) member.metadata.clear(), member.assignment.clear();
  return info;
}

std::vector<model::GroupMemberInfo> ConsumerGroup::member_infos(bool with_assignments) const {
  std::vector<model::GroupMemberInfo> infos;
  infos.reserve(members.size());
  for (const auto& [member_id, member] : members) {
    const StoredMember& known = member.info;
    infos.push_back({.member_id = known.id,
                     .instance_id = known.instance_id,
                     .client_id = known.client_id,
                     .client_host = known.client_host,
                     .metadata = member.metadata(protocol),
                     .assignment = with_assignments ? known.assignment : ByteVec()});
  }
  return infos;
}

}  // namespace godwit::engine
