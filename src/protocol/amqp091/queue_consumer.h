#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/amqp091/credit.h"
#include "protocol/amqp091/deliveries.h"
#include "protocol/amqp091/rendering.h"

namespace godwit::protocol::amqp091 {

/// A consumer of a queue: attached to each of its ledgers. With one ledger and no prefetch limit on the channel, credit
/// is that ledger's; otherwise it is a pool that moves to where messages are (Attach::shared_credit).
class QueueConsumer final : public Consumer {
 public:
  struct Setup {
    std::string tag;
    bool no_ack = false;
    bool no_wait = false;
    uint32_t prefetch = 0;
    bool exclusive = false;
    int32_t priority = 0;
    QueueId queue;
  };

  QueueConsumer(Deliveries& deliveries, Setup setup, const model::TopicInfo& topic);

  /// The commands that attach it, with the first credit.
  std::vector<model::Attach> attach();
  /// Sends basic.consume-ok, once: before the first delivery, or when every ledger has answered.
  void announce();
  ConsumerTag broker_tag() const { return broker_tag_; }
  /// It is about to be detached from these, and attaches to no more.
  std::vector<LedgerId> leave();

  void on_delivery(const model::DeliveredBatch& batch) override;
  void on_credit_returned(LedgerId ledger, uint32_t credit) override;
  void on_ready(LedgerId ledger) override;
  void on_grown(const model::TopicInfo& topic) override;
  uint32_t on_settled(LedgerId ledger, uint64_t count) override;
  void resume() override;
  void detach(bool release) override;
  /// The broker has let go of it: like detach() without telling.
  void forget();

 private:
  struct Attachment {
    LedgerId ledger;
    uint32_t granted = 0;  ///< credit the ledger holds
    bool ready = true;     ///< of a pool: may have messages
    BatchCursor cursor;
  };

  struct Written {
    uint32_t messages = 0;
    uint64_t bytes = 0;
  };

  Attachment* find(LedgerId ledger);
  void add_attachments(const model::TopicInfo& topic);
  model::Attach attach(const Attachment& attachment, uint32_t credit) const;
  void refused(const Error& error);
  void reserve(const model::DeliveredBatch& batch);
  Written write(const model::DeliveredBatch& batch, const model::DeliveredRun& run, BatchCursor& cursor);
  void reject(LedgerId ledger, std::vector<model::OffsetRun> damaged);
  uint32_t room() const;
  void take(Attachment& attachment, uint32_t credit);
  void give_back(Attachment& attachment, uint64_t credit);
  void grant(Attachment& attachment, uint32_t credit);
  void spread(uint32_t credit);

  Deliveries& deliveries_;
  Link& link_;
  const ConsumerTag broker_tag_;
  const QueueId queue_;
  const TopicId topic_id_;
  const std::string topic_;
  const bool exclusive_;
  const int32_t priority_;
  bool shared_;
  bool announced_;
  bool leaving_ = false;
  bool detached_ = false;
  CreditWindow window_;
  uint64_t granted_ = 0;  ///< over all attachments
  size_t turn_ = 0;
  std::vector<Attachment> attachments_;
  Held held_;
  DeliverWriter writer_;
  Rendering rendering_;
};

}  // namespace godwit::protocol::amqp091
