#include "admin/handlers/handlers.h"

namespace godwit::admin::handlers {

void health_live(const CallPtr& call) { call->reply(json::object{{"status", "live"}}); }

void health_ready(const CallPtr& call) {
  bool ready = call->node().ready();
  call->reply(json::object{{"status", ready ? "ready" : "stopping"}}, ready ? 200 : 503);
}

void health_alarms(const CallPtr& call) {
  call->node().vitals(call->session_id(), [call](const Vitals& vitals) {
    if (!call->alive()) return;
    bool blocked = vitals.publishers_blocked;
    call->reply(json::object{{"status", blocked ? "publishers are blocked: the log says why" : "none"}},
                blocked ? 503 : 200);
  });
}

}  // namespace godwit::admin::handlers
