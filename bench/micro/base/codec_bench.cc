#include <benchmark/benchmark.h>

#include "base/codec.h"
#include "micro/bytes.h"

namespace godwit::bench {
namespace {

// A record header's worth of integers and one short string, as every protocol's hot frames have them.
void write_fields(benchmark::State& state) {
  const ByteVec name = random_bytes(16);
  ByteVec out;
  out.reserve(256);
  for (auto _ : state) {
    out.clear();
    Writer writer(out);
    writer.u8(1);
    writer.be(uint16_t{1});
    writer.be(uint32_t{1000});
    writer.le(uint64_t{123456789});
    writer.varint(300);
    writer.zigzag(-300);
    writer.sized(name);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(write_fields);

void read_fields(benchmark::State& state) {
  ByteVec bytes;
  Writer writer(bytes);
  writer.u8(1);
  writer.be(uint16_t{1});
  writer.be(uint32_t{1000});
  writer.le(uint64_t{123456789});
  writer.varint(300);
  writer.zigzag(-300);
  writer.sized(random_bytes(16));
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes.data());
    Reader reader(bytes);
    uint64_t sum = reader.u8();
    sum += reader.be<uint16_t>();
    sum += reader.be<uint32_t>();
    sum += reader.le<uint64_t>();
    sum += reader.varint();
    sum += static_cast<uint64_t>(reader.zigzag());
    sum += reader.sized().size();
    benchmark::DoNotOptimize(sum);
    if (!reader.ok()) state.SkipWithError("the reader failed");
  }
}
BENCHMARK(read_fields);

void slice_share(benchmark::State& state) {
  const Slice whole = Slice::take(random_bytes(4096));
  for (auto _ : state) benchmark::DoNotOptimize(whole.sub(100, 1000));
}
BENCHMARK(slice_share);

}  // namespace
}  // namespace godwit::bench
