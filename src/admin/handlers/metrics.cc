#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "admin/handlers/group_lag.h"
#include "admin/handlers/handlers.h"
#include "admin/handlers/ledgers.h"
#include "admin/metrics_text.h"

namespace godwit::admin::handlers {
namespace {

void add_queue_gauges(std::vector<QueueState>& queues, size_t shown_max, std::vector<Metric>& out) {
  // The longest queues one by one, the rest as one series of each namespace, so that the number of series is bounded.
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
    auto add = [&](std::string_view space, std::string_view queue, uint64_t value) {
      out.push_back({std::string(gauge.name), std::string(gauge.help), false, static_cast<double>(value),
                     label("namespace", space) + "," + label("queue", queue)});
    };
    std::map<std::string_view, uint64_t> rest;
    for (size_t i = 0; i < queues.size(); ++i) {
      const model::Name& name = queues[i].queue.name;
      uint64_t value = gauge.value(queues[i]);
      if (i < shown_max)
        add(name.space, name.text, value);
      else
        rest[name.space] += value;
    }
    for (const auto& [space, value] : rest) add(space, "(others)", value);
  }
}

/// Likewise, the furthest behind.
void add_group_lags(std::vector<GroupLag>& lags, size_t shown_max, std::vector<Metric>& out) {
  std::ranges::sort(lags, std::ranges::greater(), &GroupLag::messages);
  auto add = [&](std::string_view group, std::string_view topic, uint64_t messages) {
    out.push_back(
        {"group_lag", "Messages of a topic that a consumer group has still to read", false,
         static_cast<double>(messages),
         label("namespace", model::Name{}.space) + "," + label("group", group) + "," + label("topic", topic)});
  };
  uint64_t rest = 0;
  for (size_t i = 0; i < lags.size(); ++i) {
    if (i < shown_max)
      add(lags[i].group, lags[i].topic, lags[i].messages);
    else
      rest += lags[i].messages;
  }
  if (lags.size() > shown_max) add("(others)", "(others)", rest);
}

/// How many there are of what the catalog knows, by namespace.
void add_counts(const CallPtr& call, std::vector<Metric>& out) {
  struct Counts {
    uint64_t topics = 0;
    uint64_t partitions = 0;
    uint64_t queues = 0;
  };
  std::map<std::string, Counts> counted;
  for (const std::string& space : call->spaces()) {
    Counts& counts = counted[space];
    call->catalog().for_each_topic(space, [&](const model::TopicInfo& topic) {
      ++counts.topics;
      counts.partitions += topic.partitions;
    });
    call->catalog().for_each_queue(space, [&](const model::QueueInfo&) { ++counts.queues; });
  }
  auto add = [&](const char* name, const char* help, uint64_t Counts::* member) {
    for (const auto& [space, counts] : counted)
      out.push_back({name, help, false, static_cast<double>(counts.*member), label("namespace", space)});
  };
  add("topics", "Topics", &Counts::topics);
  add("partitions", "Partitions of all topics", &Counts::partitions);
  add("queues", "Queues", &Counts::queues);
}

}  // namespace

void metrics(const CallPtr& call) {
  call->node().vitals(call->session_id(), [call](Vitals vitals) {
    if (!call->alive()) return;
    add_counts(call, vitals.metrics);
    describe_queues(
        call, all_queues(call), [call, vitals = std::move(vitals)](std::vector<QueueState>& states) mutable {
          add_queue_gauges(states, call->node().metrics_queues_max(), vitals.metrics);
          measure_group_lags(call, [call, vitals = std::move(vitals)](std::vector<GroupLag>& lags) mutable {
            add_group_lags(lags, call->node().metrics_queues_max(), vitals.metrics);
            call->reply(
                {.status = 200, .content_type = "text/plain; version=0.0.4", .body = metrics_text(vitals.metrics)});
          });
        });
  });
}

}  // namespace godwit::admin::handlers
