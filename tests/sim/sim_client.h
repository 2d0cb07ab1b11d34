#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/session.h"
#include "broker/session_port.h"
#include "sim/sim_world.h"

namespace godwit::sim {

/// A program that uses the broker through its command boundary: a session without a wire, driven by a test. It must not
/// outlive its world; a crash of the node leaves it without a session until it connects again.
class SimClient final : private broker::Connection {
 public:
  explicit SimClient(World& world, WorkerId worker = WorkerId(0));
  ~SimClient() override;
  SimClient(const SimClient&) = delete;

  void connect();
  void disconnect();
  bool connected() const { return host_ != nullptr; }

  /// Sends a command; `then` gets its reply, unless the session is lost before.
  template <class C, class F>
  void call(C command, F then) {
    calls_.call(*host_, std::move(command), std::move(then));
  }
  /// Sends a command and runs the world until the reply is there. kTimeout when there is none within a minute.
  template <class C>
  Result<typename C::ReplyType> ask(C command) {
    std::optional<Result<typename C::ReplyType>> answer;
    call(std::move(command), [&](Result<typename C::ReplyType> reply) { answer = std::move(reply); });
    if (!world_.run_until([&] { return answer.has_value() || !connected(); }) || !answer) {
      calls_.clear();
      return fail(ErrorCode::kTimeout, "no reply within a minute");
    }
    return std::move(*answer);
  }
  /// A command that is not answered.
  void tell(model::Grant grant) { host_->submit(0, std::move(grant)); }

  /// Called with every notice as it arrives; without it they are gathered in `notices`.
  std::function<void(broker::Notice&)> on_notice;
  std::deque<broker::Notice> notices;

  const model::CatalogView& catalog() const { return host_->catalog(); }
  SessionId id() const { return host_->id(); }
  World& world() { return world_; }

 private:
  friend class World;
  class Side;
  /// The node is gone, and the session with it.
  void lose_session();
  void session_changed() override {}
  size_t unsent_bytes() const override { return 0; }

  World& world_;
  WorkerId worker_;
  broker::SessionHost* host_ = nullptr;
  broker::Calls calls_;
};

}  // namespace godwit::sim
