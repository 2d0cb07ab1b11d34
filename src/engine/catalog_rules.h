#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/catalog_decide.h"

/// Rules that several of the catalog's decisions share.
namespace godwit::engine {

/// Errors: kInvalidArgument.
Result<void> check_name(const model::Name& name, std::string_view what);
Result<void> check_partitions(uint32_t partitions);
/// Errors: kExclusive when the queue belongs to another session.
Result<void> check_access(const QueueEntry& queue, const CatalogContext& context);
/// Priorities and a single active consumer keep order over all messages, so they need all of them in one partition.
bool needs_one_partition(const model::QueueSettings& settings);
/// "amq." names are the broker's.
bool is_reserved(std::string_view name);
bool is_volatile(const model::QueueSettings& settings);

/// Names the first setting in which a declaration differs from what exists, or nothing.
std::optional<std::string> difference(const model::QueueSettings& have, const model::QueueSettings& want);
std::optional<std::string> difference(const model::ExchangeInfo& have, const model::ExchangeInfo& want);

/// Draws `count` ids, adding a record when the reserved block has too few. Returns the first.
uint64_t take_ids(const Catalog& catalog, uint64_t count, CatalogRecords& records);

}  // namespace godwit::engine
