#include "engine/catalog_entries.h"

#include <algorithm>

#include "base/fields.h"

namespace godwit::engine {

std::string binding_key(const model::Binding& binding) {
  model::ValueMap arguments = binding.arguments;
  std::ranges::stable_sort(arguments, {}, &model::ValueMap::value_type::first);
  ByteVec bytes;
  Writer out(bytes);
  FieldWriter f(out);
  f(binding.target_kind)(binding.target)(binding.routing_key)(arguments);
  return std::string(as_string(bytes));
}

}  // namespace godwit::engine
