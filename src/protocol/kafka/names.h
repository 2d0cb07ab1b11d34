#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "model/catalog_view.h"
#include "model/settings.h"
#include "protocol/kafka/wire/types.h"

/// How Kafka names topics: by text, and by 128-bit ids from some versions on.
namespace godwit::protocol::kafka {

/// Letters, digits, '.', '_' and '-', up to 249 bytes, neither "." nor "..". Other topics are hidden from Kafka.
bool valid_topic_name(std::string_view name);

/// A topic's id on the wire: eight fixed bytes, then the TopicId in network order.
wire::Uuid uuid_of(TopicId id);
/// Nothing for ids that uuid_of never gives out.
std::optional<TopicId> topic_of(const wire::Uuid& uuid);

/// Every Kafka connection sees this namespace.
model::Name topic_name(std::string_view text);

/// Looks a topic up by its id when the version has ids, by name otherwise; null when there is none Kafka may see.
/// `has_id` says which of the two was sent.
const model::TopicInfo* find_topic(const model::CatalogView& catalog, bool has_id, const wire::Uuid& id,
                                   std::string_view name);

/// The partition, or nothing when the topic has none of that number.
std::optional<PartitionId> partition_of(const model::TopicInfo* topic, int32_t index);

}  // namespace godwit::protocol::kafka
