#include <vector>

#include <benchmark/benchmark.h>

#include "engine/ledger.h"

namespace godwit::bench {
namespace {

using engine::OffsetRun;

// One turn of a queue in steady state: a batch arrives, goes to one consumer, and is acked at once. The argument is the
// number of messages a turn; the cost should hardly grow with it.
void append_deliver_settle(benchmark::State& state) {
  const auto count = static_cast<uint32_t>(state.range(0));
  engine::Ledger ledger{engine::LedgerOpened{}};
  engine::Consumer& consumer = ledger.consumers().add(engine::Consumer{.key = {}, .credit = 1'000'000'000});
  Offset next{0};
  for (auto _ : state) {
    ledger.apply_append(next, count, {});
    next = next + count;
    const auto pick = ledger.pick(next);
    if (!pick || pick->run.count != count) return state.SkipWithError("the batch was not handed out whole");
    ledger.hold(pick->run, pick->consumer);
    engine::Settled settled;
    settled.runs = ledger.let_go(consumer, std::vector<OffsetRun>{pick->run});
    ledger.apply(settled);
    consumer.credit = 1'000'000'000;
  }
  if (ledger.unsettled_count() != 0) state.SkipWithError("messages are left");
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(append_deliver_settle)->Arg(1)->Arg(16)->Arg(300);

// What an empty ledger costs in memory shows in the idle-queue row; this is its construction.
void construct(benchmark::State& state) {
  for (auto _ : state) {
    engine::Ledger ledger{engine::LedgerOpened{}};
    benchmark::DoNotOptimize(ledger.unsettled_count());
  }
}
BENCHMARK(construct);

}  // namespace
}  // namespace godwit::bench
