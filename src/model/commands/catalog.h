#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "model/settings.h"

/// Commands to the catalog. The reply comes when every worker has applied the change and it is on stable storage.
namespace godwit::model {

/// Creates a topic. With `if_absent` an existing one is no error. Errors: kAlreadyExists, kInvalidArgument.
struct CreateTopic {
  using ReplyType = struct TopicCreated;
  Name name;
  uint32_t partitions = 1;
  TopicSettings settings;
  bool if_absent = false;
  bool validate_only = false;
};
struct TopicCreated {
  TopicInfo topic;
  bool created = false;
};
/// Errors: kNotFound; kInUse while another queue than its own is attached.
struct DeleteTopic {
  using ReplyType = struct TopicDeleted;
  Name name;
};
struct TopicDeleted {};
struct AlterTopic {
  using ReplyType = struct TopicAltered;
  Name name;
  TopicSettings settings;
};
struct TopicAltered {};
/// Errors: kInvalidArgument unless `partitions` is above the present number and at most kPartitionsMax.
struct AddPartitions {
  using ReplyType = struct PartitionsAdded;
  Name name;
  uint32_t partitions = 0;
  bool validate_only = false;
};
struct PartitionsAdded {};

/// Creates a queue, or checks that the existing one has the same settings (kMismatch). Without `topic` it is the own
/// queue of the topic of its name, which is created when absent; with `topic` a subscription to that topic.
/// `passive` only looks (kNotFound). kExclusive: an exclusive queue of another session.
struct DeclareQueue {
  using ReplyType = struct QueueDeclared;
  Name name;
  std::optional<std::string> topic;
  Start start = Start::kFirstRetained;
  QueueSettings settings;
  uint32_t partitions = 1;       ///< of a topic created along with it
  TopicSettings topic_settings;  ///< likewise
  bool passive = false;
};
struct QueueDeclared {
  QueueInfo queue;
  bool created = false;
  uint64_t ready = 0;
  uint32_t consumers = 0;
};
/// Errors: kNotFound; kInUse: has consumers and if_unused, has messages and if_empty; kExclusive.
struct DeleteQueue {
  using ReplyType = struct QueueDeleted;
  Name name;
  bool if_unused = false;
  bool if_empty = false;
  QueueId only = {};  ///< not 0: kNotFound when another queue has the name by now
};
struct QueueDeleted {
  uint64_t messages = 0;
};
/// Errors: kMismatch; kNotFound when passive; kUnsupported: an unknown type; kAccessDenied: a reserved name.
struct DeclareExchange {
  using ReplyType = struct ExchangeDeclared;
  ExchangeInfo exchange;
  bool passive = false;
};
struct ExchangeDeclared {
  bool created = false;
};
/// Errors: kNotFound; kInUse: has bindings and if_unused; kAccessDenied: a predeclared one.
struct DeleteExchange {
  using ReplyType = struct ExchangeDeleted;
  Name name;
  bool if_unused = false;
};
struct ExchangeDeleted {};
/// Errors: kNotFound: source or target; kInvalidArgument: target is a subscription, or arguments the type refuses.
struct Bind {
  using ReplyType = struct BindingChanged;
  Binding binding;
};
struct Unbind {
  using ReplyType = struct BindingChanged;
  Binding binding;
};
struct BindingChanged {
  bool changed = false;
};
/// A producer id never given out before, with epoch 0; for a known `producer_id` the next epoch.
struct AllocateProducer {
  using ReplyType = struct ProducerAllocated;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
};
struct ProducerAllocated {
  int64_t producer_id = -1;
  int16_t epoch = 0;
};

}  // namespace godwit::model
