#pragma once

#include <functional>
#include <vector>

#include "admin/call.h"
#include "model/commands/queue.h"

namespace godwit::admin::handlers {

/// A queue with the state of all its ledgers together.
struct QueueState {
  model::QueueInfo queue;
  std::string topic;
  model::LedgerDescribed total;
};
/// Asks every ledger of these queues. Ledgers that vanish meanwhile count nothing.
void describe_queues(const CallPtr& call, std::vector<model::QueueInfo> queues,
                     std::move_only_function<void(std::vector<QueueState>&)> then);

std::vector<model::QueueInfo> queues_of(const CallPtr& call, std::string_view space);
/// Of every namespace.
std::vector<model::QueueInfo> all_queues(const CallPtr& call);
std::vector<LedgerId> ledgers_of(const model::CatalogView& catalog, const model::QueueInfo& queue);

/// A partition's first and next offset.
struct PartitionState {
  PartitionId partition;
  Offset start;
  Offset end;
};
/// Asks each partition where it begins and ends. Those that vanish meanwhile are 0 to 0.
void describe_partitions(const CallPtr& call, std::vector<PartitionId> partitions,
                         std::move_only_function<void(std::vector<PartitionState>&)> then);

}  // namespace godwit::admin::handlers
