#pragma once

#include <cstdint>
#include <span>

#include "base/codec.h"
#include "protocol/kafka/session.h"
#include "protocol/kafka/wire/types.h"

namespace godwit::protocol::kafka {

/// One request the broker serves. `handle` decodes the rest of the frame and starts the work; false when the bytes do
/// not follow the request's description.
struct ServedApi {
  wire::Api api;
  bool (*handle)(Session& session, uint64_t slot, RequestHeader header, Reader& in);
};

/// All of them, by key. What is not here is not advertised.
std::span<const ServedApi> served_apis();
/// Null for a key that is not served.
const ServedApi* find_api(int16_t key);

}  // namespace godwit::protocol::kafka
