#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <godwit/broker.h>

#include "broker/session.h"
#include "broker/session_port.h"
#include "model/native_message.h"

namespace godwit::embed {

/// The embedding program's session: commands and handlers in place of bytes. Lives on worker 0, like its connection,
/// which has no socket.
class EmbeddedSession final : public broker::Session {
 public:
  explicit EmbeddedSession(broker::SessionHost& host) : host_(host) { host_.set_principal({"embedded", true}); }

  template <class C, class F>
  void call(C command, F then) {
    under_way_.insert(calls_.call(host_, std::move(command), std::move(then)));
  }
  /// Answers what is under way. The session is closed next.
  void end(const Error& why);
  const model::CatalogView& catalog() const { return host_.catalog(); }
  model::Now now() const { return host_.now(); }
  /// Attaches to every ledger of the queue, and to those that are added later; `then` is told once the last of the
  /// first is attached.
  void consume(const std::string& queue, Broker::Handler handler, uint32_t credit,
               std::move_only_function<void(Result<void>)> then);

  size_t on_bytes(ByteView in) override { return in.size(); }
  size_t bytes_wanted() const override { return 0; }
  void on_reply(broker::RequestId id, broker::Reply reply) override;
  void on_notice(broker::Notice notice) override;
  void on_timer() override {}
  void on_writable() override {}
  bool paused() const override { return false; }
  void on_closed() override { calls_.clear(); }
  std::string describe() const override { return "embedded"; }

 private:
  struct Consumer {
    Broker::Handler handler;
    QueueId queue;
    uint32_t share = 1;       ///< credit of each ledger
    uint32_t partitions = 0;  ///< it is attached to, or about to be
  };
  /// Consumers of the topic's queues attach to the ledgers they lack.
  void grow(TopicId topic);
  void deliver(const broker::Delivery& delivery);
  void settle(const broker::Delivery& delivery, const std::vector<std::pair<Offset, Verdict>>& verdicts);

  broker::SessionHost& host_;
  broker::Calls calls_;
  std::unordered_set<broker::RequestId> under_way_;
  std::unordered_map<ConsumerTag, Consumer> consumers_;
  uint32_t next_tag_ = 1;
};

/// A stored message for the program. Errors: kCorrupt.
Result<EmbeddedMessage> embedded_message(const model::NativeMessage& native);
/// The program's message as a batch of one, as the queue or topic `name` would have got it.
model::Batch embedded_batch(const EmbeddedMessage& message, const std::string& name, int64_t now_ms);

}  // namespace godwit::embed
