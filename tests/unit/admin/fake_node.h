#pragma once

#include <functional>
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
  size_t metrics_queues_max() const override { return 1; }

  std::move_only_function<void(Vitals)> asked;
  std::vector<ConnectionStatus> open = {{.number = 7, .protocol = "kafka"}};
  bool is_ready = true;
};

}  // namespace godwit::admin
