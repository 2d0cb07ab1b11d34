#include "admin/handlers/group_lag.h"

#include <algorithm>
#include <map>
#include <utility>

#include "admin/handlers/ledgers.h"

namespace godwit::admin::handlers {
namespace {

struct Position {
  std::string group;
  model::CommittedOffset at;
  PartitionId partition;
};

std::vector<GroupLag> sum_up(const std::vector<Position>& positions, const std::vector<PartitionState>& states) {
  std::map<PartitionId, Offset> ends;
  for (const PartitionState& state : states) ends[state.partition] = state.end;
  std::map<std::pair<std::string, std::string>, uint64_t> sums;
  for (const Position& p : positions)
    sums[{p.group, p.at.topic}] += static_cast<uint64_t>(std::max<int64_t>(0, ends[p.partition] - p.at.offset));
  std::vector<GroupLag> lags;
  lags.reserve(sums.size());
  for (const auto& [of, messages] : sums) lags.push_back({of.first, of.second, messages});
  return lags;
}

}  // namespace

void measure_group_lags(const CallPtr& call, std::move_only_function<void(std::vector<GroupLag>&)> then) {
  auto all =
      gather<std::vector<Position>>(call, [call, then = std::move(then)](std::vector<Position>& positions) mutable {
        std::vector<PartitionId> partitions;
        for (Position& p : positions) {
          const model::TopicInfo* topic = call->catalog().topic(model::Name{.text = p.at.topic});
          if (topic == nullptr) continue;
          p.partition = {topic->id, p.at.partition};
          partitions.push_back(p.partition);
        }
        std::erase_if(positions, [](const Position& p) { return p.partition == PartitionId(); });
        std::ranges::sort(partitions);
        partitions.erase(std::ranges::unique(partitions).begin(), partitions.end());
        describe_partitions(call, std::move(partitions),
                            [positions = std::move(positions), then = std::move(then)](auto& states) mutable {
                              std::vector<GroupLag> lags = sum_up(positions, states);
                              then(lags);
                            });
      });
  call->submit(model::ListGroups{}, [call, all](const Result<model::GroupsListed>& listed) {
    if (!listed) return;
    for (const model::GroupInfo& group : listed->groups)
      call->submit(model::FetchOffsets{.group = group.id, .for_show = true},
                   [all, id = group.id](const Result<model::OffsetsFetched>& fetched) {
                     if (!fetched) return;
                     for (const model::CommittedOffset& at : fetched->offsets) all->value.push_back({id, at, {}});
                   });
  });
}

}  // namespace godwit::admin::handlers
