#include <utility>

#include <fmt/format.h>

#include "admin/handlers/handlers.h"

namespace godwit::admin::handlers {
namespace {

json::object connection_to_json(const ConnectionStatus& c) {
  return {{"id", c.number},
          {"protocol", c.protocol},
          {"peer", c.peer},
          {"client", c.client},
          {"opened_ms", c.opened_ms},
          {"received_bytes", c.received_bytes},
          {"sent_bytes", c.sent_bytes},
          {"unsent_bytes", c.unsent_bytes}};
}

}  // namespace

void list_connections(const CallPtr& call) {
  call->node().connections(call->session_id(), [call](const std::vector<ConnectionStatus>& connections) {
    json::array list;
    for (const ConnectionStatus& c : connections) list.push_back(connection_to_json(c));
    call->reply(json::object{{"connections", std::move(list)}});
  });
}

void show_connection(const CallPtr& call) {
  call->node().connections(call->session_id(), [call](const std::vector<ConnectionStatus>& connections) {
    for (const ConnectionStatus& c : connections)
      if (std::to_string(c.number) == call->argument(0)) return call->reply(connection_to_json(c));
    call->refuse({ErrorCode::kNotFound, fmt::format("there is no connection {}", call->argument(0))});
  });
}

}  // namespace godwit::admin::handlers
