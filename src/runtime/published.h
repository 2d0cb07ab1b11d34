#pragma once

#include <atomic>

namespace godwit::runtime {

/// A number that its owner changes and any thread may read, or that any thread may raise. What else the writer wrote
/// before is not thereby visible to the reader.
template <class T>
class Published {
 public:
  explicit Published(T value = {}) : value_(value) {}

  T get() const { return value_.load(std::memory_order_relaxed); }
  void set(T value) { value_.store(value, std::memory_order_relaxed); }
  void add(T value) { value_.fetch_add(value, std::memory_order_relaxed); }
  /// Sets it to `value` unless it is there or beyond.
  void raise(T value) {
    T old = get();
    while (old < value && !value_.compare_exchange_weak(old, value, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<T> value_;
};

}  // namespace godwit::runtime
