#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace godwit {

/// A vector whose front is as cheap to remove as its back: removed front elements are skipped and dropped together once
/// they are half of it, so pushing at the back and erasing at the front cost amortized O(1). Empty, it owns no memory
/// unless it was in use a moment ago; a std::deque owns 576 bytes from its construction.
template <class T>
class FrontVector {
 public:
  using iterator = typename std::vector<T>::iterator;
  using const_iterator = typename std::vector<T>::const_iterator;

  iterator begin() { return all_.begin() + static_cast<ptrdiff_t>(skipped_); }
  iterator end() { return all_.end(); }
  const_iterator begin() const { return all_.begin() + static_cast<ptrdiff_t>(skipped_); }
  const_iterator end() const { return all_.end(); }

  bool empty() const { return skipped_ == all_.size(); }
  size_t size() const { return all_.size() - skipped_; }
  T& operator[](size_t i) { return all_[skipped_ + i]; }
  const T& operator[](size_t i) const { return all_[skipped_ + i]; }
  T& front() { return all_[skipped_]; }
  const T& front() const { return all_[skipped_]; }
  T& back() { return all_.back(); }
  const T& back() const { return all_.back(); }

  void push_back(const T& value) { all_.push_back(value); }
  void push_back(T&& value) { all_.push_back(std::move(value)); }
  /// The element may be destroyed later, together with others.
  void pop_front() { erase(begin(), begin() + 1); }
  void insert(const_iterator at, const T& value) { all_.insert(at, value); }
  template <class It>
  void assign(It first, It last) {
    all_.assign(first, last);
    skipped_ = 0;
  }
  void clear() { erase(begin(), end()); }

  void erase(const_iterator first, const_iterator last) {
    if (first != begin()) {
      all_.erase(first, last);
      return;
    }
    skipped_ += static_cast<size_t>(last - first);
    if (empty() && all_.capacity() * sizeof(T) > kKeptBytes) {
      std::vector<T>().swap(all_);
      skipped_ = 0;
    } else if (skipped_ * 2 >= all_.size()) {
      all_.erase(all_.cbegin(), all_.cbegin() + static_cast<ptrdiff_t>(skipped_));
      skipped_ = 0;
    }
  }

  friend bool operator==(const FrontVector& a, const FrontVector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  static constexpr size_t kKeptBytes = 256;  ///< a larger allocation goes when the last element does

  std::vector<T> all_;
  size_t skipped_ = 0;  ///< removed elements at the front of all_
};

}  // namespace godwit
