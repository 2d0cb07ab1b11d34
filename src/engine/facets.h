#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/batch.h"

namespace godwit::engine {

/// What a ledger must know of one message when it is appended; read once a batch, and only for batches that say so.
struct Facet {
  uint8_t priority = 0;
  std::string group;  ///< empty: none
};

/// The facets of each message of a batch, in order; empty when all of them are default, or when not all can be read.
/// Kafka records have a priority only: keys order a partition, not a queue.
std::vector<Facet> read_facets(const model::Batch& batch);

}  // namespace godwit::engine
