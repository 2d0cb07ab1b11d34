#pragma once

#include <cstdint>

namespace godwit::protocol::kafka {

/// The operations a principal may perform, as the bit sets of Kafka's authorized-operations fields (bit = the
/// operation's number). Nobody is refused anything yet, so each is every operation of its kind of resource.
/// Topic: read, write, create, delete, alter, describe, describe configs, alter configs.
constexpr int32_t kTopicOperations = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
/// Group: read, delete, describe.
constexpr int32_t kGroupOperations = 1 << 3 | 1 << 6 | 1 << 8;
/// Cluster: create, alter, describe, cluster action, describe configs, alter configs, idempotent write.
constexpr int32_t kClusterOperations = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;

}  // namespace godwit::protocol::kafka
