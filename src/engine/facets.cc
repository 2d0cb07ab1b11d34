#include "engine/facets.h"

#include "model/native_message.h"

namespace godwit::engine {

std::vector<Facet> read_facets(const model::Batch& batch) {
  std::vector<Facet> facets;
  if (batch.header.encoding != model::Encoding::kNative) return facets;
  if (!(batch.header.flags & (model::kHasPriority | model::kHasGroup))) return facets;
  facets.reserve(std::min<size_t>(batch.header.count, batch.payload.size()));
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  while (facets.size() < batch.header.count && in.next(m))
    facets.push_back({m.priority.value_or(0), m.group ? std::string(as_string(*m.group)) : std::string()});
  facets.resize(batch.header.count);
  return facets;
}

}  // namespace godwit::engine
