#include "protocol/amqp091/routes.h"

#include <algorithm>
#include <functional>

#include "base/codec.h"
#include "base/limits.h"
#include "model/amqp091_table.h"

namespace godwit::protocol::amqp091 {
namespace {

/// Decodes a table when asked for, and remembers that it was.
class LazyHeaders {
 public:
  explicit LazyHeaders(ByteView entries) : entries_(entries) {}

  const model::ValueMap& get() {
    if (asked) return values_;
    asked = true;
    ByteVec table;
    Writer out(table);
    out.be(static_cast<uint32_t>(entries_.size()));
    out.bytes(entries_);
    Reader in(table);
    if (!model::decode_amqp091_table(in, values_)) values_.clear();
    return values_;
  }
  bool asked = false;

 private:
  ByteView entries_;
  model::ValueMap values_;
};

}  // namespace

Result<const std::vector<RouteTarget>*> Routes::find(const model::CatalogView& catalog, const std::string& space,
                                                     std::string_view exchange, std::string_view routing_key,
                                                     ByteView headers) {
  if (entries_.empty()) entries_.resize(kEntries);
  size_t hash = std::hash<std::string_view>()(routing_key) * 31 + std::hash<std::string_view>()(exchange);
  Entry& slot = entries_[mix64(hash) % kEntries];
  uint64_t version = catalog.version();
  if (slot.used && slot.version == version && slot.routing_key == routing_key && slot.exchange == exchange)
    return &slot.targets;

  LazyHeaders lazy(headers);
  topics_.clear();
  model::RoutingInput input{routing_key, [&lazy]() -> const model::ValueMap& { return lazy.get(); }};
  Result<void> routed = catalog.route({space, std::string(exchange)}, input, topics_);
  if (!routed) return std::unexpected(std::move(routed.error()));

  Entry& entry = lazy.asked ? uncached_ : slot;
  entry.used = true;
  entry.version = version;
  entry.exchange = exchange;
  entry.routing_key = routing_key;
  entry.targets.clear();
  for (TopicId id : topics_)
    if (const model::TopicInfo* topic = catalog.topic(id))
      entry.targets.push_back({id, std::max(topic->partitions, 1u),
                               std::min<size_t>(kNativeBatchBytesTarget, topic->settings.message_bytes_max)});
  return &entry.targets;
}

}  // namespace godwit::protocol::amqp091
