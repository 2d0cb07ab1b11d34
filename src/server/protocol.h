#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "broker/session.h"
#include "runtime/linux/tcp.h"
#include "server/config.h"

namespace godwit::server {

/// What listens on a port: a name for the log, and how a connection's session is made.
struct Protocol {
  std::string_view name;
  Port port;
  std::function<std::unique_ptr<broker::Session>(broker::SessionHost&, const runtime::Endpoint& peer)> make_session;
};

}  // namespace godwit::server
