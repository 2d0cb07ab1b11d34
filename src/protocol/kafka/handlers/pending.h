#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "protocol/kafka/session.h"

namespace godwit::protocol::kafka {

/// A request that became several commands, with the answer under construction: answered when the last of them is done.
/// Starts with one part open, the handler's own, so that it cannot be answered while commands are still being sent.
template <class Request>
struct Pending {
  Call<Request> call;
  typename Request::Response response;
  size_t open = 1;

  explicit Pending(Call<Request> c) : call(std::move(c)) {}
  void part_done() {
    if (--open == 0) call.reply(response);
  }
  /// Sends a command as one more part; `then` gets its reply and fills in the response.
  template <class C, class F>
  static void part(const std::shared_ptr<Pending>& pending, C command, F then) {
    ++pending->open;
    pending->call.session->submit(std::move(command), [pending, then = std::move(then)](auto reply) mutable {
      then(*pending, std::move(reply));
      pending->part_done();
    });
  }
};

}  // namespace godwit::protocol::kafka
