#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/shared.h"
#include "engine/exchange.h"
#include "engine/name_index.h"
#include "engine/string_map.h"
#include "model/settings.h"

/// What the catalog keeps of each thing in it, beside what the thing says of itself.
namespace godwit::engine {

/// Bindings are known by numbers in the order they were made.
using BindingNumber = uint64_t;

struct TopicEntry {
  Shared<model::TopicInfo> info;
  QueueId own_queue;                ///< 0 when nothing but subscriptions and readers use the topic
  std::set<QueueId> subscriptions;  ///< queues on it other than its own

  const std::string& name() const { return info->name.text; }
};

struct QueueEntry {
  Shared<model::QueueInfo> info;
  std::set<BindingNumber> bindings;  ///< to it

  const std::string& name() const { return info->name.text; }
};

struct ExchangeEntry {
  uint64_t number = 0;
  model::ExchangeInfo info;
  std::unique_ptr<ExchangeKind> kind;
  bool predeclared = false;
  std::set<BindingNumber> outgoing;
  std::set<BindingNumber> incoming;
  StringMap<BindingNumber> by_key;  ///< of the outgoing ones: binding_key() to number
  mutable uint64_t visit = 0;       ///< the last route() that came by

  const std::string& name() const { return info.name.text; }
};

struct BindingEntry {
  model::Binding binding;
  ExchangeEntry* source = nullptr;
  QueueEntry* queue = nullptr;  ///< the target, one of the two
  ExchangeEntry* exchange = nullptr;

  Target target() const {
    return queue ? Target{model::BindingTarget::kQueue, queue->info->topic.value}
                 : Target{model::BindingTarget::kExchange, exchange->number};
  }
};

struct SpaceEntry {
  NameIndex<TopicEntry> topics;
  NameIndex<QueueEntry> queues;
  NameIndex<ExchangeEntry> exchanges;
};

/// Equal for bindings of one source that are the same: target, routing key and arguments in any order.
std::string binding_key(const model::Binding& binding);

}  // namespace godwit::engine
