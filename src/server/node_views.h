#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/node_view.h"
#include "broker/broker.h"
#include "runtime/published.h"
#include "server/worker_connections.h"

namespace godwit::server {

/// The admin API's look at this node. What each worker owns is asked of it in turn, on its own loop.
class NodeViews {
 public:
  struct Facts {
    int64_t started_ms = 0;
    size_t metrics_queues_max = 0;
    std::vector<std::string> protocols;  ///< that are listened for
    std::vector<std::string> spaces;     ///< namespaces of the configuration
  };

  NodeViews(broker::Broker& broker, const std::vector<std::unique_ptr<WorkerConnections>>& connections, Facts facts);
  ~NodeViews();

  admin::NodeView& view();
  void set_ready(bool ready) { ready_.set(ready); }

 private:
  class View;

  /// Runs `step` on every worker, one after another, then `then` on the worker of session `asker`, as one of its
  /// callbacks, unless it is gone; both see the same T.
  template <class T>
  void round(SessionId asker, T gathered, void (*step)(NodeViews&, broker::Worker&, T&),
             std::move_only_function<void(T)> then, uint16_t at = 0);

  broker::Broker& broker_;
  const std::vector<std::unique_ptr<WorkerConnections>>& connections_;
  const Facts facts_;
  runtime::Published<bool> ready_{false};
  std::unique_ptr<View> view_;
};

}  // namespace godwit::server
