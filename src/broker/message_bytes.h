#pragma once

#include <cstdint>

#include "engine/ledger.h"
#include "model/batch.h"
#include "storage/partition_log.h"

/// What messages count for a queue's limit of bytes: their bodies; those of a Kafka batch an equal share of what it
/// stores.
namespace godwit::broker {

/// How many messages of the batch, from its first on, take `bytes_max` together at most.
uint32_t count_within(const model::Batch& batch, uint64_t bytes_max);
/// Tells the ledger, which counts bytes, of a batch that was appended.
void set_sizes(engine::Ledger& ledger, const model::Batch& batch);
/// The ledger counts bytes from now on. Of what is in segments each message counts its share of the segment.
void count_bytes(engine::Ledger& ledger, const storage::PartitionLog& log);

}  // namespace godwit::broker
