#pragma once

#include <optional>
#include <string>

#include <boost/json.hpp>

#include "base/error.h"
#include "model/batch.h"
#include "model/message.h"
#include "model/native_message.h"
#include "model/time.h"

/// Messages as JSON, both ways. The shape is described in docs/guide/admin-api.md.
namespace godwit::admin {

/// A typed header value. JSON's own types stand for themselves; others are an object of one member that names the type:
/// {"base64": …}, {"timestamp_ms": …}, {"uuid": …}, {"decimal": …}, {"symbol": …},
/// {"double": "inf"}.
boost::json::value value_to_json(const model::Value& value);
/// Whole numbers become int64, others double. Errors: kInvalidArgument: too deep, or a wrong typed object.
Result<model::Value> value_from_json(const boost::json::value& value);

/// A stored message. Errors: kCorrupt.
Result<boost::json::object> message_to_json(const model::NativeMessage& message, Offset offset, int64_t append_ms);

/// A message described by JSON, as a batch of one.
struct Published {
  model::Batch batch;
  std::optional<std::string> key;
  std::string routing_key;
  model::ValueMap headers;
  std::optional<int64_t> partition;
};
/// `exchange`, `routing_key`: where it is published to, stored with it; a "routing_key" member of the object wins.
/// Errors: kInvalidArgument names the member that will not do.
Result<Published> message_from_json(const boost::json::object& from, std::string exchange, std::string routing_key,
                                    model::Now now);

}  // namespace godwit::admin
