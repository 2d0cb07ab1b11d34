#include "engine/catalog_entries.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/fields.h"

namespace godwit::engine {

std::string binding_key(const model::Binding& binding) {
  std::vector<const model::ValueMap::value_type*> arguments;
  for (const auto& argument : binding.arguments) arguments.push_back(&argument);
  std::ranges::sort(arguments, [](const auto* a, const auto* b) {
    return std::tie(a->first, a) < std::tie(b->first, b);  // those that repeat a name stay in order
  });
  ByteVec bytes;
  Writer out(bytes);
  FieldWriter f(out);
  f(binding.target_kind)(binding.target)(binding.routing_key);
  for (const auto* argument : arguments) f(*argument);
  return std::string(as_string(bytes));
}

}  // namespace godwit::engine
