#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/native_message.h"
#include "protocol/amqp091/confirms.h"
#include "protocol/amqp091/content.h"
#include "protocol/amqp091/link.h"
#include "protocol/amqp091/routes.h"

namespace godwit::protocol::amqp091 {

/// The publishing side of a channel: takes publish, header and body frames, routes each message and gathers those that
/// were read together into one batch per partition. flush() ends a reading: it submits the batches.
class Publisher {
 public:
  Publisher(Link& link, uint16_t channel, uint32_t incarnation)
      : link_(link), channel_(channel), incarnation_(incarnation) {}
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  Outcome on_publish(const BasicPublish& publish);
  Outcome on_header(ByteView payload);
  Outcome on_body(ByteView payload);
  /// True between basic.publish and the end of its body: no method may come.
  bool in_content() const { return content_.active(); }
  /// What of the message at hand is held.
  size_t held_bytes() const { return content_.held_bytes(); }

  /// True while messages published here are not appended yet: a method that looks at queues waits for them, as clients
  /// expect to find what they published on the same channel just before.
  bool appending() const { return open_count_ > 0 || under_way_ > 0; }

  void select_confirms() { confirming_ = true; }
  /// Submits what was gathered and says what is already confirmed.
  void flush();
  /// An append of this channel was answered: unless `ok` nothing of it was stored, else all but the last `refused`.
  void on_appended(const std::vector<PublishRun>& publishes, bool ok, uint32_t refused);
  /// Gives back memory kept for the next publishes.
  void trim();
  /// Where replies to this channel's requests go while it consumes amq.rabbitmq.reply-to.
  void set_reply_queue(std::string name) { reply_queue_ = std::move(name); }
  bool has_reply_queue() const { return !reply_queue_.empty(); }

 private:
  struct OpenBatch {
    PartitionId partition;
    bool keyless = false;
    size_t bytes_max = 0;
    model::NativeBatchBuilder builder;
    std::vector<PublishRun> publishes;
  };

  /// Counts what is arriving, after it has changed.
  void account();
  Outcome publish();
  Outcome publish_to(ByteView stored);
  Outcome check();
  Outcome rewrite_reply_to(ByteVec& rewritten);
  Outcome read_facets(model::NativeMessage& message) const;
  void read_headers(model::NativeMessage& message) const;
  OpenBatch& batch_for(const RouteTarget& target, size_t hint, std::optional<ByteView> key, size_t bytes);
  OpenBatch* find_open(const RouteTarget& target, size_t hint, std::optional<uint32_t> partition);
  void seal(OpenBatch& batch);
  void return_unroutable();
  void send_confirms();

  Link& link_;
  const uint16_t channel_;
  const uint32_t incarnation_;
  IncomingContent content_;
  size_t held_bytes_ = 0;  ///< as last counted
  bool unfinished_ = false;
  Routes routes_;
  std::vector<OpenBatch> open_;  ///< the first open_count_ are in use, the others keep their memory
  size_t open_count_ = 0;
  size_t under_way_ = 0;  ///< appends
  uint32_t round_robin_ = 0;
  bool confirming_ = false;
  Confirms confirms_;
  std::string reply_queue_;
};

}  // namespace godwit::protocol::amqp091
