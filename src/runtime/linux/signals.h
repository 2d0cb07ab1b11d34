#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/error.h"
#include "runtime/linux/epoll_loop.h"

namespace godwit::runtime {

/// Signals as events of a loop.
class Signals final : public Watcher {
 public:
  /// Takes `signals` for the whole process: before the first thread is started, so that no thread is interrupted by
  /// them. `on_signal` runs on the loop's thread. Errors: kIo.
  static Result<std::unique_ptr<Signals>> take(EpollLoop& loop, const std::vector<int>& signals,
                                               std::function<void(int)> on_signal);
  ~Signals() override;

  void on_ready(Ready ready) override;

 private:
  Signals(EpollLoop& loop, UniqueFd fd, std::function<void(int)> on_signal);

  EpollLoop& loop_;
  UniqueFd fd_;
  std::function<void(int)> on_signal_;
};

/// The process is not ended by writing to a connection that its peer has closed.
void ignore_broken_pipes();

}  // namespace godwit::runtime
