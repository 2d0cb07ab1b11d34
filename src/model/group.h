#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace godwit::model {

/// A position that a consumer group committed for one partition, by the topic's name at commit.
struct CommittedOffset {
  std::string topic;
  uint32_t partition = 0;
  Offset offset;  ///< the next message to read
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_ms = 0;  ///< wall time; set by the coordinator

  bool operator==(const CommittedOffset&) const = default;
  template <class F>
  void fields(F& f) {
    f(topic)(partition)(offset)(leader_epoch)(metadata)(commit_ms);
  }
};

enum class GroupState : uint8_t { kEmpty = 0, kPreparingRebalance, kCompletingRebalance, kStable, kDead };

struct GroupProtocol {
  std::string name;
  ByteVec metadata;

  bool operator==(const GroupProtocol&) const = default;
  template <class F>
  void fields(F& f) {
    f(name)(metadata);
  }
};

struct GroupMemberInfo {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  ByteVec metadata;  ///< of the chosen protocol
  ByteVec assignment;

  template <class F>
  void fields(F& f) {
    f(member_id)(instance_id)(client_id)(client_host)(metadata)(assignment);
  }
};

struct GroupInfo {
  std::string id;
  GroupState state = GroupState::kEmpty;
  std::string protocol_type;
  std::string protocol;
  std::vector<GroupMemberInfo> members;

  template <class F>
  void fields(F& f) {
    f(id)(state)(protocol_type)(protocol)(members);
  }
};

}  // namespace godwit::model
