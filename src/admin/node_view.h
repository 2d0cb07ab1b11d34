#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace godwit::admin {

/// One number of the node, in Prometheus' terms; the name without the prefix "godwit_".
struct Metric {
  std::string name;
  std::string help;
  bool counter = false;  ///< else a gauge
  double value = 0;
  std::string labels{};  ///< as they stand between the braces, e.g. protocol="kafka"
};

/// The node as a whole, summed over its workers.
struct Vitals {
  std::string version;
  int64_t started_ms = 0;
  uint64_t connections = 0;
  bool publishers_blocked = false;
  std::vector<Metric> metrics;  ///< those of one name stand together
};

struct ConnectionStatus {
  uint64_t number = 0;
  std::string protocol;
  std::string peer;
  std::string client;  ///< as the session describes it
  int64_t opened_ms = 0;
  uint64_t received_bytes = 0;
  uint64_t sent_bytes = 0;
  uint64_t unsent_bytes = 0;
};

/// What the admin API shows of the node besides the broker's own replies. `then` runs later, as a callback of the
/// session that asked, unless that is gone by then.
class NodeView {
 public:
  virtual ~NodeView() = default;
  virtual void vitals(SessionId asker, std::move_only_function<void(Vitals)> then) = 0;
  virtual void connections(SessionId asker, std::move_only_function<void(std::vector<ConnectionStatus>)> then) = 0;
  /// Every listener is open and the node does not stop.
  virtual bool ready() const = 0;
  /// The namespaces that the configuration names: they are there before anything is in them.
  virtual const std::vector<std::string>& spaces() const = 0;
  /// Queues, and groups' topics, that the metrics show one by one.
  virtual size_t metrics_queues_max() const = 0;
};

}  // namespace godwit::admin
