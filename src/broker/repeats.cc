#include "broker/repeats.h"

#include <string>
#include <unordered_map>

#include "base/check.h"
#include "model/native_message.h"

namespace godwit::broker {
namespace {

/// What is left of a batch, or an empty one.
model::Batch rest_of(model::NativeBatchBuilder& kept, const model::Batch& batch) {
  if (kept.empty()) return {};
  return kept.seal(batch.header.max_timestamp_ms);
}

}  // namespace

std::vector<model::Appended::Repeated> take_out_repeats(const engine::Partition& partition, model::Batch& batch,
                                                        int64_t wall_ms) {
  std::vector<model::Appended::Repeated> repeated;
  std::unordered_map<std::string, Offset> here;
  model::NativeBatchBuilder kept;
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  for (uint32_t i = 0; in.next(m); ++i) {
    if (m.dedup_id) {
      std::optional<Offset> known = partition.dedup.find(as_string(*m.dedup_id), wall_ms);
      if (!known) {
        auto [it, added] = here.try_emplace(std::string(as_string(*m.dedup_id)), partition.end + kept.count());
        if (!added) known = it->second;
      }
      if (known) {
        repeated.push_back({i, *known});
        continue;
      }
    }
    kept.add(m);
  }
  if (!repeated.empty()) batch = rest_of(kept, batch);
  return repeated;
}

void take_out_first(model::Batch& batch, uint32_t n) {
  CHECK(n < batch.header.count, "{} of {}", n, batch.header.count);
  model::NativeBatchBuilder kept;
  model::NativeBatchReader in(batch.payload);
  for (uint32_t i = 0; i < n; ++i) in.skip();
  model::NativeMessage m;
  while (in.next(m)) kept.add(m);
  batch = rest_of(kept, batch);
}

void keep_first(model::Batch& batch, uint32_t n) {
  CHECK(n > 0 && n < batch.header.count, "{} of {}", n, batch.header.count);
  model::NativeBatchBuilder kept;
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  for (uint32_t i = 0; i < n && in.next(m); ++i) kept.add(m);
  batch = rest_of(kept, batch);
}

}  // namespace godwit::broker
