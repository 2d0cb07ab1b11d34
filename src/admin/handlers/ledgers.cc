#include "admin/handlers/ledgers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace godwit::admin::handlers {

std::vector<model::QueueInfo> queues_of(const CallPtr& call, std::string_view space) {
  std::vector<model::QueueInfo> queues;
  call->catalog().for_each_queue(space, [&](const model::QueueInfo& q) { queues.push_back(q); });
  return queues;
}

std::vector<model::QueueInfo> all_queues(const CallPtr& call) {
  std::vector<model::QueueInfo> all;
  for (const std::string& space : call->spaces()) std::ranges::move(queues_of(call, space), std::back_inserter(all));
  return all;
}

std::vector<LedgerId> ledgers_of(const model::CatalogView& catalog, const model::QueueInfo& queue) {
  std::vector<LedgerId> ledgers;
  const model::TopicInfo* topic = catalog.topic(queue.topic);
  for (uint32_t i = 0; topic != nullptr && i < topic->partitions; ++i) ledgers.push_back({queue.id, {queue.topic, i}});
  return ledgers;
}

void describe_queues(const CallPtr& call, std::vector<model::QueueInfo> queues,
                     std::move_only_function<void(std::vector<QueueState>&)> then) {
  auto all = gather<std::vector<QueueState>>(call, std::move(then));
  for (model::QueueInfo& queue : queues) {
    const model::TopicInfo* topic = call->catalog().topic(queue.topic);
    all->value.push_back({std::move(queue), topic ? topic->name.text : "", {}});
  }
  for (size_t i = 0; i < all->value.size(); ++i) {
    for (LedgerId ledger : ledgers_of(call->catalog(), all->value[i].queue)) {
      call->submit(model::DescribeLedger{ledger}, [all, i](const Result<model::LedgerDescribed>& described) {
        if (!described) return;
        model::LedgerDescribed& total = all->value[i].total;
        total.ready += described->ready;
        total.leased += described->leased;
        total.delayed += described->delayed;
        total.deferred += described->deferred;
        total.consumers = std::max(total.consumers, described->consumers);
        total.ready_bytes += described->ready_bytes;
      });
    }
  }
}

void describe_partitions(const CallPtr& call, std::vector<PartitionId> partitions,
                         std::move_only_function<void(std::vector<PartitionState>&)> then) {
  using At = model::FindOffset::At;
  auto all = gather<std::vector<PartitionState>>(call, std::move(then));
  for (PartitionId partition : partitions) all->value.push_back({partition, {}, {}});
  for (size_t i = 0; i < all->value.size(); ++i) {
    PartitionId partition = all->value[i].partition;
    call->submit(model::FindOffset{.partition = partition, .at = At::kStart},
                 [all, i](const Result<model::OffsetFound>& found) {
                   if (found && found->offset) all->value[i].start = *found->offset;
                 });
    call->submit(model::FindOffset{.partition = partition, .at = At::kEnd},
                 [all, i](const Result<model::OffsetFound>& found) {
                   if (found && found->offset) all->value[i].end = *found->offset;
                 });
  }
}

}  // namespace godwit::admin::handlers
