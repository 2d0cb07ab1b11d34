#pragma once

#include <memory>
#include <utility>

namespace godwit {

/// A value that never changes, shared by its copies, which may be on several workers: a change makes a new one. It
/// compares and is stored like the value itself. Moved from, it can only be assigned to or destroyed.
template <class T>
class Shared {
 public:
  Shared() : Shared(T()) {}
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  friend bool operator==(const Shared& a, const Shared& b) { return a.value_ == b.value_ || *a == *b; }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace godwit
