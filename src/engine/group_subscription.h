#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "engine/group_state.h"

namespace godwit::engine {

/// The topics in a Kafka consumer's protocol metadata, or nothing when it is not that.
///
///   i16 version | i32 count | count x (i16 length | name) | further fields by version
std::optional<std::vector<std::string_view>> subscribed_topics(ByteView metadata);

/// Whether a member of the group may be reading the topic. Members that do not tell may read any.
bool is_subscribed(const ConsumerGroup& group, std::string_view topic);

}  // namespace godwit::engine
