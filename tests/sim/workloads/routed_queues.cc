#include "sim/workloads/routed_queues.h"

#include <algorithm>
#include <array>

namespace godwit::sim {
namespace {

constexpr const char* kExchanges[] = {"direct", "topic", "fanout"};  ///< named like their types
constexpr size_t kQueues = 3;
constexpr const char* kKeys[] = {"a.x", "a.y", "b.x"};

struct Pattern {
  size_t exchange;
  const char* key;
  std::array<bool, std::size(kKeys)> matches;  ///< by key
};
constexpr Pattern kPatterns[] = {
    {0, "a.x", {true, false, false}}, {0, "b.x", {false, false, true}}, {1, "a.*", {true, true, false}},
    {1, "#", {true, true, true}},     {1, "*.x", {true, false, true}},  {1, "b.#", {false, false, true}},
    {2, "", {true, true, true}},
};

model::Name exchange_name(size_t exchange) { return {.text = std::string("routed-") + kExchanges[exchange]}; }

}  // namespace

RoutedQueues::RoutedQueues(Run& run) : Workload(run, 2 + run.below(2)) {
  for (size_t i = 0; i < kQueues; ++i) oracles_.emplace_back(fmt::format("routed-{}", i), run.verdict);
  for (QueueOracle& oracle : oracles_) targets_.push_back({.oracle = &oracle, .queue = oracle.name()});
  for (size_t queue = 0; queue < kQueues; ++queue)
    for (const Pattern& pattern : kPatterns)
      bounds_.push_back({.binding = {.source = exchange_name(pattern.exchange),
                                     .target = targets_[queue].queue,
                                     .routing_key = pattern.key},
                         .pattern = static_cast<size_t>(&pattern - kPatterns),
                         .queue = queue});
  for (Program& p : programs_) {
    Consuming& mine = consuming_.emplace_back(run, p, offsets_);
    p.on_notice = [&mine](broker::Notice& notice) {
      if (auto* delivery = std::get_if<broker::Delivery>(&notice)) mine.on_delivery(*delivery);
    };
  }
}

void RoutedQueues::set_up(SimClient& client) {
  for (const Target& target : targets_) declare(client, target.queue, {});
  for (size_t i = 0; i < std::size(kExchanges); ++i) {
    auto declared = run_.must(
        client, model::DeclareExchange{.exchange = {.name = exchange_name(i), .type = kExchanges[i]}}, "exchange");
    if (declared && run_.boot > 1 && declared->created) run_.verdict.broken("an exchange was lost");
  }
  look_up(client);
}

void RoutedQueues::look_up(SimClient& client) {
  for (Bound& bound : bounds_) {
    bool there = false;
    client.catalog().for_each_binding("default",
                                      [&](const model::Binding& binding) { there |= binding == bound.binding; });
    auto state = there ? Bound::State::kPresent : Bound::State::kAbsent;
    if (bound.state != Bound::State::kUnsure && bound.state != state)
      run_.verdict.broken(fmt::format("the binding of {} to {} with '{}' {}", bound.binding.target,
                                      bound.binding.source.text, bound.binding.routing_key,
                                      there ? "came back" : "was lost"));
    bound.state = state;
    bound.changing = 0;
  }
}

void RoutedQueues::restarted() {
  for (QueueOracle& oracle : oracles_) oracle.restarted();
  for (Consuming& consuming : consuming_) consuming.restarted();
}

void RoutedQueues::act(Program& p) {
  Consuming& mine = consuming_[index_of(p)];
  switch (run_.below(9)) {
    case 0: return change(p, bounds_[run_.below(bounds_.size())]);
    case 1:
    case 2:
    case 3: return publish_routed(p);
    case 4: return mine.consume(targets_[run_.below(kQueues)]);
    case 5: return run_.chance(3) ? mine.stop() : mine.settle();
    default: return mine.settle();
  }
}

void RoutedQueues::change(Program& p, Bound& bound) {
  if (bound.state == Bound::State::kUnsure) return;  // a change is under way, or its answer was lost
  bool add = bound.state == Bound::State::kAbsent;
  bound.state = Bound::State::kUnsure;
  bound.changing = ++changes_;
  auto done = [this, &bound, add, number = changes_](const Result<model::BindingChanged>& reply) {
    if (!reply) return run_.refused("a binding", reply.error());
    if (!reply->changed) run_.verdict.broken("a binding did not change");
    if (bound.changing == number) bound.state = add ? Bound::State::kPresent : Bound::State::kAbsent;
  };
  if (add)
    p.call(model::Bind{bound.binding}, done);
  else
    p.call(model::Unbind{bound.binding}, done);
}

void RoutedQueues::publish_routed(Program& p) {
  size_t exchange = run_.below(std::size(kExchanges));
  size_t key = run_.below(std::size(kKeys));
  std::vector<TopicId> topics;
  Result<void> routed = p.client().catalog().route(exchange_name(exchange), {.routing_key = kKeys[key]}, topics);
  if (!routed) return run_.refused("route", routed.error());
  std::string body = run_.new_body("routed");
  for (size_t queue = 0; queue < kQueues; ++queue) {
    const model::QueueInfo* info = p.queue(targets_[queue].queue);
    if (!info) return;
    bool must = false;
    bool may = false;
    for (const Bound& bound : bounds_) {
      const Pattern& pattern = kPatterns[bound.pattern];
      if (bound.queue != queue || pattern.exchange != exchange || !pattern.matches[key]) continue;
      must |= bound.state == Bound::State::kPresent;
      may |= bound.state != Bound::State::kAbsent;
    }
    auto times = std::ranges::count(topics, info->topic);
    if (times > 1 || (times == 0 && must) || (times == 1 && !may))
      run_.verdict.broken(fmt::format("'{}' goes to {} {} times from {}", kKeys[key], targets_[queue].queue, times,
                                      kExchanges[exchange]));
    if (times == 1) send(p, targets_[queue], body);
  }
}

void RoutedQueues::send(Program& p, Target& target, const std::string& body) {
  target.oracle->sent(body);
  publish(p, target.queue, 0, {{.body = body}}, [&target, body](const Result<model::Appended>& reply) {
    reply ? target.oracle->confirmed(body) : target.oracle->refused(body);
  });
}

void RoutedQueues::drain(SimClient& client) {
  for (Target& target : targets_) drain_ledger(run_, client, target, offsets_);
  for (Target& target : targets_) target.oracle->check_drained(nullptr);
}

}  // namespace godwit::sim
