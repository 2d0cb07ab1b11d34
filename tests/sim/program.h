#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/batch.h"
#include "sim/run.h"

namespace godwit::sim {

/// A program that uses the broker: one connection at a time, on a worker that the seed chooses.
class Program {
 public:
  explicit Program(Run& run) : run_(run) {}

  void connect();
  /// Closes the connection.
  void drop();
  /// The broker is gone, and with it the connection and every answer that was still to come.
  void lost();
  bool connected() const { return client_ != nullptr; }
  SimClient& client() { return *client_; }
  /// Commands that were not answered yet.
  uint64_t pending() const { return pending_; }

  template <class C, class F>
  void call(C command, F then) {
    ++pending_;
    client_->call(std::move(command), [this, then = std::move(then)](Result<typename C::ReplyType> reply) mutable {
      --pending_;
      then(std::move(reply));
    });
  }

  /// Null, and a verdict, when the name is not there.
  const model::QueueInfo* queue(const std::string& name);
  const model::TopicInfo* topic(const std::string& name);
  LedgerId ledger(const std::string& queue, uint32_t partition = 0);

  /// Set once: every connection's notices go there.
  std::function<void(broker::Notice&)> on_notice;

 private:
  Run& run_;
  std::unique_ptr<SimClient> client_;
  uint64_t pending_ = 0;
};

/// A message as a workload writes it.
struct Sent {
  std::string body;
  std::string group = {};
  std::optional<int64_t> expires_at_ms = {};
  std::optional<int64_t> deliver_at_ms = {};
};
model::Batch batch_of(const std::vector<Sent>& messages);
model::Batch batch_of(const std::vector<std::string>& bodies);
/// The bodies of all messages of a batch, in order.
std::vector<std::string> bodies_of(const model::Batch& batch);

}  // namespace godwit::sim
