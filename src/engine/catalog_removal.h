#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "engine/catalog.h"

namespace godwit::engine {

/// Works out everything that goes with what is removed: a queue's bindings, an exchange's in both directions, and
/// auto-delete exchanges whose last binding went. Records come in the order in which they must be applied.
class CatalogRemoval {
 public:
  explicit CatalogRemoval(const Catalog& catalog) : catalog_(catalog) {}

  void binding(const BindingEntry& binding);
  void exchange(const ExchangeEntry& exchange);
  void queue(const QueueEntry& queue);
  /// With its own queue. Nothing else may be attached to it.
  void topic(const TopicEntry& topic);
  CatalogRecords take() { return std::move(records_); }

 private:
  void remove(const BindingEntry& binding);
  void remove_bare_exchanges();

  const Catalog& catalog_;
  CatalogRecords records_;
  std::set<const BindingEntry*> bindings_;
  std::set<uint64_t> exchanges_;                 ///< numbers of those removed or about to be
  std::map<uint64_t, size_t> outgoing_removed_;  ///< by number of the exchange
  std::vector<const ExchangeEntry*> bare_;       ///< about to be removed
};

}  // namespace godwit::engine
