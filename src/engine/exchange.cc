#include "engine/exchange.h"

#include <array>

#include "engine/exchange/direct.h"
#include "engine/exchange/fanout.h"
#include "engine/exchange/headers.h"
#include "engine/exchange/topic.h"

namespace godwit::engine {
namespace {

template <class Kind>
std::unique_ptr<ExchangeKind> make() {
  return std::make_unique<Kind>();
}

struct KindEntry {
  std::string_view type;
  std::unique_ptr<ExchangeKind> (*make)();
};

constexpr std::array kKinds = {
    KindEntry{"direct", make<exchange::Direct>},
    KindEntry{"fanout", make<exchange::Fanout>},
    KindEntry{"topic", make<exchange::Topic>},
    KindEntry{"headers", make<exchange::Headers>},
};

}  // namespace

std::unique_ptr<ExchangeKind> make_exchange_kind(std::string_view type) {
  for (const KindEntry& kind : kKinds)
    if (kind.type == type) return kind.make();
  return nullptr;
}

bool is_exchange_type(std::string_view type) {
  for (const KindEntry& kind : kKinds)
    if (kind.type == type) return true;
  return false;
}

}  // namespace godwit::engine
