#include <cmath>
#include <utility>

#include "admin/handlers/handlers.h"
#include "admin/handlers/ledgers.h"

namespace godwit::admin::handlers {
namespace {

/// Counts without a fraction or an exponent.
json::value number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: every whole number below it is exact
  if (value < kExact && std::trunc(value) == value) return static_cast<int64_t>(value);
  return value;
}

void reply_overview(const CallPtr& call, const Vitals& vitals, const std::vector<QueueState>& queues) {
  uint64_t ready = 0;
  uint64_t leased = 0;
  for (const QueueState& q : queues) {
    ready += q.total.ready;
    leased += q.total.leased;
  }
  uint64_t topics = 0;
  uint64_t exchanges = 0;
  for (const std::string& space : call->spaces()) {
    call->catalog().for_each_topic(space, [&](const model::TopicInfo&) { ++topics; });
    call->catalog().for_each_exchange(space, [&](const model::ExchangeInfo&) { ++exchanges; });
  }
  json::object totals;
  for (const Metric& m : vitals.metrics)
    if (m.labels.empty()) totals[m.name] = number(m.value);
  call->reply(json::object{{"version", vitals.version},
                           {"started_ms", vitals.started_ms},
                           {"uptime_ms", call->now().wall_ms - vitals.started_ms},
                           {"topics", topics},
                           {"queues", queues.size()},
                           {"exchanges", exchanges},
                           {"connections", vitals.connections},
                           {"ready", ready},
                           {"leased", leased},
                           {"publishers_blocked", vitals.publishers_blocked},
                           {"totals", std::move(totals)}});
}

}  // namespace

void overview(const CallPtr& call) {
  call->node().vitals(call->session_id(), [call](Vitals vitals) {
    if (!call->alive()) return;
    describe_queues(call, all_queues(call), [call, vitals = std::move(vitals)](std::vector<QueueState>& queues) {
      reply_overview(call, vitals, queues);
    });
  });
}

}  // namespace godwit::admin::handlers
