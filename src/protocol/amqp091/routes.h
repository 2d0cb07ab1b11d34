#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/catalog_view.h"

namespace godwit::protocol::amqp091 {

/// Where a message goes, with what a publisher must know of it.
struct RouteTarget {
  TopicId topic;
  uint32_t partitions = 1;
  size_t batch_bytes_max = 0;
};

/// Remembers where recent (exchange, routing key) pairs lead, as long as the catalog stays the same. A route that
/// looked at headers is worked out anew each time.
class Routes {
 public:
  /// `headers` are the entries of the message's table. The result is valid until the next call.
  /// Errors: as CatalogView::route.
  Result<const std::vector<RouteTarget>*> find(const model::CatalogView& catalog, const std::string& space,
                                               std::string_view exchange, std::string_view routing_key,
                                               ByteView headers);
  /// Frees what was remembered.
  void clear() { entries_ = decltype(entries_)(); }

 private:
  struct Entry {
    bool used = false;
    uint64_t version = 0;
    std::string exchange;
    std::string routing_key;
    std::vector<RouteTarget> targets;
  };
  /// A direct-mapped table of this many entries, made at the first publish: applications publish with few keys.
  static constexpr size_t kEntries = 64;

  std::vector<Entry> entries_;
  Entry uncached_;
  std::vector<TopicId> topics_;
};

}  // namespace godwit::protocol::amqp091
