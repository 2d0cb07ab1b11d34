#pragma once

#include <string>
#include <variant>

#include "base/error.h"
#include "base/ids.h"
#include "model/commands/catalog.h"
#include "model/commands/group.h"
#include "model/commands/partition.h"
#include "model/commands/queue.h"

/// The command boundary: everything a protocol, the admin API or an embedding program can ask of the broker, with its
/// reply, as plain values. A session (broker/session.h) submits a Command and later receives exactly one Reply;
/// deliveries and notices come unasked. Each command is executed by the owner of its shard, in the order one session
/// sent them.
namespace godwit::broker {

/// On whose behalf a command runs; checked once, before the command reaches its shard (broker/authorize.h).
struct Principal {
  std::string user = "guest";
  bool admin = true;
};

using Command =
    std::variant<model::Append, model::Fetch, model::AwaitData, model::FindOffset, model::DeleteRecords, model::Attach,
                 model::Grant, model::Detach, model::Settle, model::Receive, model::ReceiveDeferred, model::Renew,
                 model::SessionGroup, model::Peek, model::Purge, model::DescribeLedger, model::CreateTopic,
                 model::DeleteTopic, model::AlterTopic, model::AddPartitions, model::DeclareQueue, model::DeleteQueue,
                 model::DeclareExchange, model::DeleteExchange, model::Bind, model::Unbind, model::AllocateProducer,
                 model::JoinGroup, model::SyncGroup, model::HeartbeatGroup, model::LeaveGroup, model::CommitOffsets,
                 model::FetchOffsets, model::DescribeGroup, model::ListGroups, model::DeleteGroup,
                 model::DeleteOffsets>;

using ReplyValue =
    std::variant<model::Appended, model::Fetched, model::DataAwaited, model::OffsetFound, model::RecordsDeleted,
                 model::Attached, model::Detached, model::Settled, model::Received, model::Renewed,
                 model::SessionGroupDone, model::Purged, model::LedgerDescribed, model::TopicCreated,
                 model::TopicDeleted, model::TopicAltered, model::PartitionsAdded, model::QueueDeclared,
                 model::QueueDeleted, model::ExchangeDeclared, model::ExchangeDeleted, model::BindingChanged,
                 model::ProducerAllocated, model::JoinedGroup, model::SyncedGroup, model::GroupAlive, model::LeftGroup,
                 model::OffsetsCommitted, model::OffsetsFetched, model::GroupDescribed, model::GroupsListed,
                 model::GroupDeleted, model::OffsetsDeleted>;

using Reply = Result<ReplyValue>;

/// Messages for a consumer. The session owes a Settle for every one of them (unless settle_on_delivery).
struct Delivery {
  ConsumerTag tag;
  model::DeliveredBatch messages;
};
/// The consumer is gone: its queue was deleted, or its session's lock is over. No reply is owed.
struct ConsumerCancelled {
  LedgerId ledger;
  ConsumerTag tag;
};
/// Of shared_credit consumers: `credit` found no message ready and is the session's again.
struct CreditReturned {
  LedgerId ledger;
  ConsumerTag tag;
  uint32_t credit = 0;
};
/// Of shared_credit consumers whose credit came back: messages have become ready.
struct ReadyNotice {
  LedgerId ledger;
  ConsumerTag tag;
};
/// The topic has more partitions, and their owners know of them. Every session is told: consumers of the topic, or of a
/// queue over it, may attach to those they lack, and miss nothing.
struct TopicGrown {
  TopicId topic;
};
/// Publishers are held back (memory or disk), or no longer are.
struct PublishersBlocked {
  bool blocked = false;
  std::string reason;
};

using Notice = std::variant<Delivery, ConsumerCancelled, CreditReturned, ReadyNotice, TopicGrown, PublishersBlocked>;

}  // namespace godwit::broker
