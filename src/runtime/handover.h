#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace godwit::runtime {

/// A place where any thread leaves items and one thread collects all of them. Items of one thread keep their order.
/// The lock is held for a move of one item, or of the whole list; nobody waits for anything else.
template <class T>
class Handover {
 public:
  void push(T item) {
    std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
  }

  /// Replaces the contents of `into` by everything left since the last call; its capacity is used for what comes next.
  void take_all(std::vector<T>& into) {
    into.clear();
    std::lock_guard lock(mutex_);
    std::swap(items_, into);
  }

 private:
  std::mutex mutex_;
  std::vector<T> items_;  ///< guarded by mutex_
};

}  // namespace godwit::runtime
