#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/shared.h"
#include "model/settings.h"

/// The changes of the catalog, as shard 0 journals them and every worker applies them. A stored record is its kType
/// (60 to 79 of a shard's record types), its version and its fields(); no number is ever reused, and a new kind goes to
/// the end of the variant.
namespace godwit::engine {

/// A topic is created, or its settings or partitions changed.
struct TopicPut {
  static constexpr uint8_t kType = 60;
  Shared<model::TopicInfo> topic;

  bool operator==(const TopicPut&) const = default;
  template <class F>
  void fields(F& f) {
    QueueId own_queue;  // written by earlier releases, never read: it follows from the queues
    f(topic)(own_queue);
  }
};
/// Its queues are removed before it.
struct TopicRemoved {
  static constexpr uint8_t kType = 61;
  TopicId id;

  bool operator==(const TopicRemoved&) const = default;
  template <class F>
  void fields(F& f) {
    f(id);
  }
};
struct QueuePut {
  static constexpr uint8_t kType = 62;
  Shared<model::QueueInfo> queue;

  bool operator==(const QueuePut&) const = default;
  template <class F>
  void fields(F& f) {
    f(queue);
  }
};
/// Its bindings are removed before it.
struct QueueRemoved {
  static constexpr uint8_t kType = 63;
  QueueId id;

  bool operator==(const QueueRemoved&) const = default;
  template <class F>
  void fields(F& f) {
    f(id);
  }
};
struct ExchangePut {
  static constexpr uint8_t kType = 64;
  model::ExchangeInfo exchange;

  bool operator==(const ExchangePut&) const = default;
  template <class F>
  void fields(F& f) {
    f(exchange);
  }
};
/// Its bindings, from it and to it, are removed before it.
struct ExchangeRemoved {
  static constexpr uint8_t kType = 65;
  model::Name name;

  bool operator==(const ExchangeRemoved&) const = default;
  template <class F>
  void fields(F& f) {
    f(name);
  }
};
struct BindingAdded {
  static constexpr uint8_t kType = 66;
  model::Binding binding;

  bool operator==(const BindingAdded&) const = default;
  template <class F>
  void fields(F& f) {
    f(binding);
  }
};
struct BindingRemoved {
  static constexpr uint8_t kType = 67;
  model::Binding binding;

  bool operator==(const BindingRemoved&) const = default;
  template <class F>
  void fields(F& f) {
    f(binding);
  }
};
/// Producer ids below `next` are taken.
struct ProducerIdsReserved {
  static constexpr uint8_t kType = 68;
  int64_t next = 0;

  bool operator==(const ProducerIdsReserved&) const = default;
  template <class F>
  void fields(F& f) {
    f(next);
  }
};
/// Topic and queue ids below `next` are taken, and those below `up_to` may be: volatile topics and queues draw from
/// them without a record, so that a boot goes on at `up_to` (Catalog::finish_replay).
struct IdsReserved {
  static constexpr uint8_t kType = 69;
  uint64_t next = 1;
  uint64_t up_to = 1;

  bool operator==(const IdsReserved&) const = default;
  template <class F>
  void fields(F& f) {
    f(next)(up_to);
  }
};

using CatalogRecord = std::variant<TopicPut, TopicRemoved, QueuePut, QueueRemoved, ExchangePut, ExchangeRemoved,
                                   BindingAdded, BindingRemoved, ProducerIdsReserved, IdsReserved>;
using CatalogRecords = std::vector<CatalogRecord>;

/// Of every type so far.
constexpr uint8_t kCatalogRecordVersion = 1;

}  // namespace godwit::engine
