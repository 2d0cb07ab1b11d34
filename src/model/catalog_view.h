#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "model/settings.h"

namespace godwit::model {

/// What routing may look at. `headers` decodes lazily: only a headers exchange asks for them.
struct RoutingInput {
  std::string_view routing_key;
  std::function<const ValueMap&()> headers;
  bool by_broker = false;  ///< a dead letter: an internal exchange takes it too
};

/// A worker's read-only copy of the catalog. Pointers are valid until the catalog changes: use and drop them.
class CatalogView {
 public:
  virtual ~CatalogView() = default;

  virtual const TopicInfo* topic(const Name& name) const = 0;
  virtual const TopicInfo* topic(TopicId id) const = 0;
  virtual const QueueInfo* queue(const Name& name) const = 0;
  virtual const QueueInfo* queue(QueueId id) const = 0;
  virtual const ExchangeInfo* exchange(const Name& name) const = 0;

  /// The namespaces in which anything was ever made, in the order of their names.
  virtual void for_each_space(const std::function<void(std::string_view)>& f) const = 0;
  virtual void for_each_topic(std::string_view space, const std::function<void(const TopicInfo&)>& f) const = 0;
  virtual void for_each_queue(std::string_view space, const std::function<void(const QueueInfo&)>& f) const = 0;
  virtual void for_each_exchange(std::string_view space, const std::function<void(const ExchangeInfo&)>& f) const = 0;
  virtual void for_each_binding(std::string_view space, const std::function<void(const Binding&)>& f) const = 0;

  /// The queues that a message published to `exchange` goes to, each once, following bindings between exchanges and
  /// alternates; the default exchange ("") names a queue, or a topic without an own queue, by the routing key.
  /// Appends to `topics` the topic of each. Errors: kNotFound: no such exchange; kAccessDenied: internal exchange.
  virtual Result<void> route(const Name& exchange, const RoutingInput& input, std::vector<TopicId>& topics) const = 0;

  /// Changes whenever the catalog changes: a session may cache what it looked up as long as this stays.
  virtual uint64_t version() const = 0;
};

}  // namespace godwit::model
