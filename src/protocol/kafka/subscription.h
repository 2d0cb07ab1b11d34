#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/group.h"

namespace godwit::protocol::kafka {

/// The topics in a consumer's protocol metadata, or nothing when it is not that.
///
///   i16 version | i32 count | count x (i16 length | name) | further fields by version
std::optional<std::vector<std::string>> subscribed_topics(ByteView metadata);

/// What a member that joins with these protocols subscribes to: all that any of them names. Nothing when it does not
/// tell, because it is no consumer or brings metadata of its own.
std::optional<std::vector<std::string>> subscription_of(const std::string& protocol_type,
                                                        const std::vector<model::GroupProtocol>& protocols);

}  // namespace godwit::protocol::kafka
