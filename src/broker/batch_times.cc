#include "broker/batch_times.h"

#include <algorithm>

#include "model/read_message.h"

namespace godwit::broker {

BatchTimes::BatchTimes(const model::Batch& batch) : base_(batch.base_offset()) {
  auto messages = model::BatchMessages::open(batch);
  if (!messages) return;
  model::NativeMessage m;
  for (uint32_t i = 0; i < batch.header.count && messages->next(m); ++i)
    if (m.expires_at_ms || m.deliver_at_ms) entries_.push_back({i, m.expires_at_ms, m.deliver_at_ms});
}

std::vector<BatchTimes::Entry>::const_iterator BatchTimes::lower_bound(uint32_t index) const {
  return std::lower_bound(entries_.begin(), entries_.end(), index,
                          [](const Entry& e, uint32_t i) { return e.index < i; });
}

const BatchTimes::Entry* BatchTimes::find(uint32_t index) const {
  auto it = lower_bound(index);
  return it == entries_.end() || it->index != index ? nullptr : &*it;
}

}  // namespace godwit::broker
