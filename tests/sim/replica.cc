#include "sim/replica.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/codec.h"
#include "engine/record_codec.h"

namespace godwit::sim {
namespace {

template <class Record>
void add_records(const std::vector<Record>& records, ByteVec& out) {
  std::vector<ByteVec> all;
  for (const Record& record : records) {
    if (engine::record_type(record) == engine::IdsReserved::kType) continue;  // a boot goes on at what was reserved
    all.emplace_back(1, engine::record_type(record));
    engine::encode_record(record, all.back());
  }
  std::sort(all.begin(), all.end());
  for (const ByteVec& bytes : all) Writer(out).sized(bytes);
}

}  // namespace

Replica replica_of(World& world) {
  Replica replica;
  int64_t now = world.now().boot_ms;
  for (uint16_t w = 0; w < world.broker().workers(); ++w) {
    broker::Worker& worker = world.broker().worker(WorkerId(w));
    for (auto& [id, owned] : worker.stage().shards()) {
      if (owned->shard.empty()) continue;
      for (auto& [ledger, state] : owned->shard.ledgers()) state->unhide(state->overdue(now).hidden);
      ByteVec& bytes = replica[id];
      Writer(bytes).le(owned->shard.seq());
      owned->shard.snapshot(bytes);
      add_records(worker.groups().snapshot(id), bytes);
      if (id.value == kCatalogShard) add_records(worker.catalog().snapshot(), bytes);
    }
  }
  return replica;
}

std::string difference(const Replica& was, const Replica& is) {
  auto seq = [](const ByteVec& bytes) { return Reader(bytes).le<uint64_t>(); };
  for (const auto& [id, facts] : was) {
    auto found = is.find(id);
    if (found == is.end()) return fmt::format("shard {} is gone", id.value);
    if (found->second != facts)
      return fmt::format("shard {} was at {} and is at {}, with other facts", id.value, seq(facts), seq(found->second));
  }
  for (const auto& [id, facts] : is)
    if (!was.contains(id)) return fmt::format("shard {} is new", id.value);
  return {};
}

}  // namespace godwit::sim
