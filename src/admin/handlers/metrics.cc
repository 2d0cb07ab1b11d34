#include <algorithm>
#include <utility>

#include "admin/handlers/handlers.h"
#include "admin/handlers/ledgers.h"
#include "admin/metrics_text.h"

namespace godwit::admin::handlers {
namespace {

void add_queue_gauges(std::vector<QueueState>& queues, size_t shown_max, std::vector<Metric>& out) {
  // The longest queues one by one, the rest as one series each, so that the number of series is bounded.
  std::ranges::sort(queues, std::ranges::greater(), [](const QueueState& q) { return q.total.ready + q.total.leased; });
  struct Gauge {
    std::string_view name;
    std::string_view help;
    uint64_t (*value)(const QueueState&);
  };
  static constexpr std::array kGauges{
      Gauge{"queue_ready", "Messages a consumer could take", [](const QueueState& q) { return q.total.ready; }},
      Gauge{"queue_leased", "Messages with consumers", [](const QueueState& q) { return q.total.leased; }},
      Gauge{"queue_delayed", "Messages not yet due", [](const QueueState& q) { return q.total.delayed; }},
      Gauge{"queue_consumers", "Consumers", [](const QueueState& q) { return uint64_t{q.total.consumers}; }}};
  for (const Gauge& gauge : kGauges) {
    uint64_t rest = 0;
    for (size_t i = 0; i < queues.size(); ++i) {
      uint64_t value = gauge.value(queues[i]);
      if (i >= shown_max) {
        rest += value;
        continue;
      }
      out.push_back({std::string(gauge.name), std::string(gauge.help), false, static_cast<double>(value),
                     label("queue", queues[i].queue.name.text)});
    }
    if (queues.size() > shown_max)
      out.push_back({std::string(gauge.name), std::string(gauge.help), false, static_cast<double>(rest),
                     label("queue", "(others)")});
  }
}

}  // namespace

void metrics(const CallPtr& call) {
  call->node().vitals(call->session_id(), [call](Vitals vitals) {
    if (!call->alive()) return;
    uint64_t topics = 0;
    uint64_t partitions = 0;
    call->catalog().for_each_topic(call->space(), [&](const model::TopicInfo& topic) {
      ++topics;
      partitions += topic.partitions;
    });
    std::vector<model::QueueInfo> queues = queues_of(call);
    auto& out = vitals.metrics;
    out.push_back({"topics", "Topics", false, static_cast<double>(topics)});
    out.push_back({"partitions", "Partitions of all topics", false, static_cast<double>(partitions)});
    out.push_back({"queues", "Queues", false, static_cast<double>(queues.size())});
    describe_queues(
        call, std::move(queues), [call, vitals = std::move(vitals)](std::vector<QueueState>& states) mutable {
          add_queue_gauges(states, call->node().metrics_queues_max(), vitals.metrics);
          call->reply(
              {.status = 200, .content_type = "text/plain; version=0.0.4", .body = metrics_text(vitals.metrics)});
        });
  });
}

}  // namespace godwit::admin::handlers
