#include "engine/facets.h"

#include <algorithm>

#include "model/read_message.h"

namespace godwit::engine {

std::vector<Facet> read_facets(const model::Batch& batch) {
  std::vector<Facet> facets;
  if (!(batch.header.flags & (model::kHasPriority | model::kHasGroup))) return facets;
  auto messages = model::BatchMessages::open(batch);
  if (!messages) return facets;
  facets.reserve(std::min<size_t>(batch.header.count, batch.payload.size()));
  model::NativeMessage m;
  while (facets.size() < batch.header.count && messages->next(m))
    facets.push_back({m.priority.value_or(0), m.group ? std::string(as_string(*m.group)) : std::string()});
  // The count is its producer's word until that many were read.
  if (facets.size() != batch.header.count) facets.clear();
  return facets;
}

}  // namespace godwit::engine
