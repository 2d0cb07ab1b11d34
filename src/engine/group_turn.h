#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/group_records.h"
#include "engine/group_store.h"
#include "model/commands/group.h"
#include "model/time.h"

namespace godwit::engine {

/// Which request an answer is for; the caller's to choose and to understand.
struct RequestToken {
  uint64_t session = 0;
  uint64_t request = 0;

  auto operator<=>(const RequestToken&) const = default;
};

using GroupReply = std::variant<model::JoinedGroup, model::SyncedGroup, model::GroupAlive, model::LeftGroup,
                                model::OffsetsCommitted, model::OffsetsFetched, model::GroupDescribed,
                                model::GroupsListed, model::GroupDeleted, model::OffsetsDeleted>;
struct GroupAnswer {
  RequestToken token;
  Result<GroupReply> reply;
};

/// What one call led to. The records are applied already and are to be journalled in their order; the answers, of this
/// request and of parked ones, are to be released when they are durable.
struct GroupOutcome {
  std::vector<GroupRecord> records;
  std::vector<GroupAnswer> answers;
};

struct GroupSettings {
  int32_t session_timeout_min_ms = 6'000;
  int32_t session_timeout_max_ms = 1'800'000;
  /// How long the first rebalance of an empty group waits for more members; each one that comes extends it by as much,
  /// up to the rebalance timeout.
  int32_t initial_rebalance_delay_ms = 0;
  /// With the ids given out to members to come: as many as a topic may have partitions.
  uint32_t members_max = 10'000;
  /// What all members say of themselves may take so much, and what they are assigned as much again: one record has it.
  /// So may the names of the topics that the group reads, in several records.
  size_t bytes_max = 16UL << 20;
  /// Positions and topics are recorded in pieces of about this size.
  size_t piece_bytes = 64UL << 10;
  /// Positions of a group are kept this long after its last member left; negative: for ever.
  int64_t offsets_retention_ms = 7LL * 24 * 3600 * 1000;
};

struct GroupContext {
  RequestToken token;
  model::Now now;
  std::array<uint8_t, 16> random{};  ///< of JoinGroup: makes a member id nobody else has
};

/// One call to a shard's groups: what it may read, and where its results go.
struct GroupTurn {
  const GroupSettings& settings;
  GroupStore& store;
  model::Now now;
  GroupOutcome out;

  void emit(GroupRecord record) {
    store.apply(record);
    out.records.push_back(std::move(record));
  }
  /// Records like `empty` whose `list` has `all` together, each about a piece in size: a client may name a great many
  /// things at once, and no record may be more than the journal takes.
  template <class R, class T>
  void emit_in_pieces(const R& empty, std::vector<T> R::* list, std::vector<T> all) {
    R record = empty;
    size_t bytes = 0;
    for (T& item : all) {
      bytes += recorded_bytes(item);
      (record.*list).push_back(std::move(item));
      if (bytes < settings.piece_bytes) continue;
      emit(std::exchange(record, empty));
      bytes = 0;
    }
    if (!(record.*list).empty()) emit(std::move(record));
  }
  void answer(RequestToken token, GroupReply reply) { out.answers.push_back({token, std::move(reply)}); }
  void refuse(RequestToken token, ErrorCode code, std::string message) {
    out.answers.push_back({token, fail(code, std::move(message))});
  }
  void refuse(RequestToken token, Error error) { out.answers.push_back({token, std::unexpected(std::move(error))}); }
};

}  // namespace godwit::engine
