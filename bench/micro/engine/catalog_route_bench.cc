#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/catalog_decide.h"

namespace godwit::bench {
namespace {

// What a publish pays to find its topics, in a catalog with as many queues as the argument says.
class Routes {
 public:
  explicit Routes(int64_t queues) {
    for (int64_t i = 0; i < queues; ++i) run(model::DeclareQueue{.name = {.text = queue(i)}});
  }
  static std::string queue(int64_t i) { return "orders." + std::to_string(i); }
  void bind(const std::string& exchange, int64_t to, std::string key, model::ValueMap arguments = {}) {
    model::Binding binding{.source = {.text = exchange}, .target = queue(to), .routing_key = std::move(key)};
    binding.arguments = std::move(arguments);
    run(model::Bind{std::move(binding)});
  }
  void measure(benchmark::State& state, const std::string& exchange, const model::RoutingInput& input,
               size_t expected) {
    model::Name name{.text = exchange};
    std::vector<TopicId> topics;
    for (auto _ : state) {
      topics.clear();
      benchmark::DoNotOptimize(catalog_.route(name, input, topics));
    }
    if (topics.size() != expected) state.SkipWithError("the message went elsewhere");
    state.SetItemsProcessed(state.iterations());
  }

 private:
  template <class Command>
  void run(const Command& command) {
    auto decided = engine::decide(catalog_, command, {});
    if (!decided) std::abort();
    for (const auto& record : decided->records) catalog_.apply(record);
  }

  engine::Catalog catalog_;
};

void route_default(benchmark::State& state) {
  Routes routes(state.range(0));
  routes.measure(state, "", {.routing_key = "orders.7"}, 1);
}
BENCHMARK(route_default)->Arg(10)->Arg(10'000);

void route_direct(benchmark::State& state) {
  Routes routes(state.range(0));
  for (int64_t i = 0; i < state.range(0); ++i) routes.bind("amq.direct", i, Routes::queue(i));
  routes.measure(state, "amq.direct", {.routing_key = "orders.7"}, 1);
}
BENCHMARK(route_direct)->Arg(10)->Arg(10'000);

void route_fanout(benchmark::State& state) {
  Routes routes(state.range(0));
  for (int64_t i = 0; i < state.range(0); ++i) routes.bind("amq.fanout", i, "");
  routes.measure(state, "amq.fanout", {}, static_cast<size_t>(state.range(0)));
}
BENCHMARK(route_fanout)->Arg(1)->Arg(10)->Arg(1000);

// Four words, a literal pattern a queue, and three patterns with wildcards that match as well.
void route_topic(benchmark::State& state) {
  Routes routes(state.range(0));
  for (int64_t i = 0; i < state.range(0); ++i) routes.bind("amq.topic", i, "eu.order.created." + std::to_string(i));
  routes.bind("amq.topic", 0, "eu.#");
  routes.bind("amq.topic", 1, "*.order.*.7");
  routes.bind("amq.topic", 2, "#.created.*");
  routes.measure(state, "amq.topic", {.routing_key = "eu.order.created.7"}, 4);
}
BENCHMARK(route_topic)->Arg(10)->Arg(10'000);

void route_headers(benchmark::State& state) {
  Routes routes(state.range(0));
  for (int64_t i = 0; i < state.range(0); ++i)
    routes.bind("amq.headers", i, "", {{"kind", model::Value(std::string("created"))}, {"n", model::Value(i)}});
  const model::ValueMap headers{{"kind", model::Value(std::string("created"))}, {"n", model::Value(int32_t{7})}};
  routes.measure(state, "amq.headers", {.headers = [&]() -> const model::ValueMap& { return headers; }}, 1);
}
BENCHMARK(route_headers)->Arg(10)->Arg(1000);

}  // namespace
}  // namespace godwit::bench
