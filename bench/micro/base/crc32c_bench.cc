#include <benchmark/benchmark.h>

#include "base/crc32c.h"
#include "micro/bytes.h"

namespace godwit::bench {
namespace {

void crc32c_of(benchmark::State& state) {
  const ByteVec bytes = random_bytes(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(crc32c_of)->Arg(44)->Arg(100)->Arg(1024)->Arg(16 << 10)->Arg(1 << 20);

}  // namespace
}  // namespace godwit::bench
