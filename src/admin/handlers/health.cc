#include "admin/handlers/handlers.h"

namespace godwit::admin::handlers {

void health_live(const CallPtr& call) { call->reply(json::object{{"status", "live"}}); }

void health_ready(const CallPtr& call) {
  bool ready = call->node().ready();
  call->reply(json::object{{"status", ready ? "ready" : "stopping"}}, ready ? 200 : 503);
}

}  // namespace godwit::admin::handlers
