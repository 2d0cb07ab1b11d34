#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/ids.h"
#include "engine/catalog.h"
#include "engine/catalog_records.h"
#include "model/commands/catalog.h"
#include "model/time.h"

/// What the catalog answers to each command: pure functions of its state. The records are to be applied in their order,
/// all or none; a refusal has none. An answer without records still shows state that may not be durable yet.
namespace godwit::engine {

struct CatalogContext {
  SessionId session;  ///< whose exclusive queues are its own
  model::Now now;
  /// Of the queue that a command names, gathered from its ledgers by the caller: DeclareQueue reports them, DeleteQueue
  /// judges by them. 0 when it does not exist.
  uint64_t ready = 0;
  uint32_t consumers = 0;
  /// A live consumer group reads the topic: deleting its own queue leaves the topic.
  bool topic_has_groups = false;
};

template <class Reply>
struct CatalogDecision {
  CatalogRecords records;
  Reply reply;
};
template <class Command>
using CatalogResult = Result<CatalogDecision<typename Command::ReplyType>>;

CatalogResult<model::CreateTopic> decide(const Catalog&, const model::CreateTopic&, const CatalogContext&);
/// A topic's own queue goes with it. Errors besides the command's: kExclusive: the own queue is another session's.
CatalogResult<model::DeleteTopic> decide(const Catalog&, const model::DeleteTopic&, const CatalogContext&);
/// Errors: kNotFound; kInvalidArgument: what was volatile stays so, and the other way round.
CatalogResult<model::AlterTopic> decide(const Catalog&, const model::AlterTopic&, const CatalogContext&);
/// Errors besides the command's: kNotFound; kInUse: a queue on the topic needs its single partition.
CatalogResult<model::AddPartitions> decide(const Catalog&, const model::AddPartitions&, const CatalogContext&);
/// `start` is taken as it stands: a caller that means "the end unless said" for a subscription says so. Errors besides
/// the command's: kInvalidArgument: a bad name or partition count, a durable queue of a volatile topic, or settings
/// that need a single partition where there are more; kNotFound: the topic of a subscription; kAccessDenied: a new name
/// that begins with "amq." other than "amq.gen-" and "amq.rabbitmq.reply-to.".
CatalogResult<model::DeclareQueue> decide(const Catalog&, const model::DeclareQueue&, const CatalogContext&);
/// The topic of an own queue goes as well, unless another queue or a group is attached to it, or it would outlive the
/// queue anyway: a volatile queue leaves a durable topic.
CatalogResult<model::DeleteQueue> decide(const Catalog&, const model::DeleteQueue&, const CatalogContext&);
CatalogResult<model::DeclareExchange> decide(const Catalog&, const model::DeclareExchange&, const CatalogContext&);
CatalogResult<model::DeleteExchange> decide(const Catalog&, const model::DeleteExchange&, const CatalogContext&);
/// Errors besides the command's: kAccessDenied: the default exchange; kExclusive: a queue of another session.
CatalogResult<model::Bind> decide(const Catalog&, const model::Bind&, const CatalogContext&);
/// Unbinding what is not bound, or not there, changes nothing and is no error. Errors as Bind's otherwise.
CatalogResult<model::Unbind> decide(const Catalog&, const model::Unbind&, const CatalogContext&);
CatalogResult<model::AllocateProducer> decide(const Catalog&, const model::AllocateProducer&, const CatalogContext&);

}  // namespace godwit::engine
