#pragma once

#include <functional>

namespace godwit::runtime {

using Task = std::move_only_function<void()>;

/// A place where work runs one piece after another: a worker's loop, the journal's thread, an I/O thread, or the
/// simulator's scheduler. Tasks posted by one caller run in the order it posted them.
class Executor {
 public:
  virtual ~Executor() = default;
  /// May be called from any thread; never runs `task` before it returns.
  virtual void post(Task task) = 0;
};

}  // namespace godwit::runtime
