#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "model/batch.h"

/// Commands to one ledger, a queue's state over one partition, executed by the partition's owner.
namespace godwit::model {

/// Offsets [first, first + count) of one ledger.
struct OffsetRun {
  Offset first;
  uint32_t count = 1;

  Offset end() const { return first + count; }
  bool operator==(const OffsetRun&) const = default;
  template <class F>
  void fields(F& f) {
    f(first)(count);
  }
};

/// Starts a consumer on one ledger: `credit` messages will be sent as Delivery, more after Grant or Settle.
/// Its leases are the connection's: no deadline, and released when it detaches.
///
/// Errors  kNotFound; kExclusive: another exclusive consumer, or an exclusive queue of another session.
struct Attach {
  using ReplyType = struct Attached;
  LedgerId ledger;
  ConsumerTag tag;
  uint32_t credit = 0;
  int32_t priority = 0;             ///< higher is served first while it has credit
  bool exclusive = false;           ///< refuses and is refused by other consumers
  bool settle_on_delivery = false;  ///< no acknowledgements: a message is accepted when it is sent (AMQP no-ack)
  /// One of several ledgers of a queue: credit that finds no message ready comes back in a CreditReturned notice
  /// at once, and a ReadyNotice asks for it again.
  bool shared_credit = false;
  std::optional<std::string> session_group;  ///< of a queue with sessions: the group to lock; empty: the next free one
};
struct Attached {
  uint64_t ready = 0;
  std::string session_group;  ///< the group that was locked
  int64_t lock_until_boot_ms = 0;
};

/// Adds credit; no reply unless refused.
struct Grant {
  LedgerId ledger;
  ConsumerTag tag;
  uint32_t credit = 0;
  bool shared_credit = false;  ///< from now on, as of Attach
};

/// As a Detach's tag: all consumers and leases of the session.
constexpr ConsumerTag kEveryConsumer{0xffffffff};

/// Ends a consumer. What it holds is released as `outcome` says; no delivery of it follows the reply.
struct Detach {
  using ReplyType = struct Detached;
  LedgerId ledger;
  ConsumerTag tag;
  /// false: cancelled, its unsettled messages stay leased to the session until settled; true: release them.
  bool release = true;
};
struct Detached {};

enum class Verb : uint8_t {
  kAccept = 0,   ///< done with it
  kRelease = 1,  ///< back to its place in the queue, not counted as a failure
  kFail = 2,     ///< back to its place, counted; dead-lettered at the queue's delivery limit
  kReject = 3,   ///< dead-lettered, or dropped where the queue has no dead-letter target
  kDefer = 4,    ///< set aside; only ReceiveDeferred finds it
};

/// Settles leased messages. `consumer` names the holder of connection leases; `handles` proves detached leases.
/// The reply waits for stable storage when `durable_reply`; otherwise it comes at once.
///
/// Errors  kLeaseLost: none of the offsets is leased so; those that are, are settled.
struct Settle {
  using ReplyType = struct Settled;
  LedgerId ledger;
  std::optional<ConsumerTag> consumer;
  Verb verb = Verb::kAccept;
  std::vector<OffsetRun> runs;
  /// Parallel to the single offsets of `runs`, for detached leases: the Lease::attempt each was received with.
  std::vector<uint32_t> attempts;
  uint32_t credit = 0;   ///< granted to `consumer` along with it
  int64_t delay_ms = 0;  ///< kRelease, kFail: hidden this long first
  std::string reason;    ///< kReject: stored with the dead letter; empty is "rejected"
  std::string description;
  bool durable_reply = false;
};
struct Settled {
  uint64_t settled = 0;
};

/// Takes up to `messages_max` messages. lease_ms > 0: each is leased until settled, renewed, or the time is over;
/// 0 with `consumer`: leased to the session's connection under that tag; settle_on_delivery: accepted at once.
/// With wait_until_boot_ms the reply waits for the first message.
struct Receive {
  using ReplyType = struct Received;
  LedgerId ledger;
  uint32_t messages_max = 1;
  int64_t lease_ms = 0;
  std::optional<ConsumerTag> consumer;
  bool settle_on_delivery = false;
  int64_t wait_until_boot_ms = 0;
  std::optional<std::string> session_group;
};

/// Takes deferred messages by offset; those that are not deferred are left out of the reply.
struct ReceiveDeferred {
  using ReplyType = struct Received;
  LedgerId ledger;
  std::vector<Offset> offsets;
  int64_t lease_ms = 0;
};

/// Moves the deadline of detached leases to now + lease_ms. Errors as Settle.
struct Renew {
  using ReplyType = struct Renewed;
  LedgerId ledger;
  std::vector<OffsetRun> runs;
  std::vector<uint32_t> attempts;
  int64_t lease_ms = 0;
};
struct Renewed {
  int64_t until_boot_ms = 0;
};

/// A session group's lock: extend, release (which ends the consumer), read and write the state. Errors: kLeaseLost.
struct SessionGroup {
  using ReplyType = struct SessionGroupDone;
  enum class Action : uint8_t { kRenew, kRelease, kGetState, kSetState };
  LedgerId ledger;
  std::string group;
  ConsumerTag holder;
  Action action = Action::kRenew;
  ByteVec state;
};
struct SessionGroupDone {
  int64_t lock_until_boot_ms = 0;
  ByteVec state;
};

/// Looks without taking: messages in the queue (ready, leased, deferred) from `from` on.
struct Peek {
  using ReplyType = struct Received;
  LedgerId ledger;
  Offset from;
  uint32_t messages_max = 1;
};

/// Settles every ready message. Leased ones stay.
struct Purge {
  using ReplyType = struct Purged;
  LedgerId ledger;
};
struct Purged {
  uint64_t messages = 0;
};

struct DescribeLedger {
  using ReplyType = struct LedgerDescribed;
  LedgerId ledger;
  bool uses = false;  ///< asked by whoever declares the queue: it counts as a use
};
struct LedgerDescribed {
  uint64_t ready = 0;
  uint64_t leased = 0;
  uint64_t delayed = 0;
  uint64_t deferred = 0;
  uint32_t consumers = 0;
  uint64_t ready_bytes = 0;
};

/// A piece of one batch handed to a consumer: which of its messages, in offset order.
struct DeliveredRun {
  uint32_t index = 0;  ///< of the first message within the batch
  uint32_t count = 1;
  uint32_t failed = 0;    ///< earlier deliveries that failed (x-delivery-count)
  uint32_t acquired = 0;  ///< earlier deliveries of any outcome (SQS counts these)
  uint32_t attempt = 0;   ///< of detached leases: proves this lease in Settle
  bool redelivered = false;
};
struct DeliveredBatch {
  LedgerId ledger;
  Batch batch;
  std::vector<DeliveredRun> runs;

  Offset offset_of(const DeliveredRun& run) const { return batch.base_offset() + run.index; }
};
struct Received {
  std::vector<DeliveredBatch> batches;
  uint64_t remaining = 0;  ///< ready messages left
  int64_t lease_until_boot_ms = 0;
  std::string session_group;
};

}  // namespace godwit::model
