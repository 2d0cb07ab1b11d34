#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "admin/node_view.h"

namespace godwit::admin {

class FakeNode final : public NodeView {
 public:
  void vitals(SessionId, std::move_only_function<void(Vitals)> then) override { asked = std::move(then); }
  void connections(SessionId, std::move_only_function<void(std::vector<ConnectionStatus>)> then) override {
    then(open);
  }
  bool ready() const override { return is_ready; }
  const std::vector<std::string>& spaces() const override { return configured; }
  size_t metrics_queues_max() const override { return 1; }

  std::move_only_function<void(Vitals)> asked;
  std::vector<ConnectionStatus> open = {{.number = 7, .protocol = "kafka"}};
  std::vector<std::string> configured = {"default"};
  bool is_ready = true;
};

}  // namespace godwit::admin
