#pragma once

#include <string>
#include <utility>

#include "runtime/disk.h"

namespace godwit::runtime {

/// An open file descriptor, closed with its owner.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

class PosixFile final : public File {
 public:
  /// `direct`: alignment of every call is checked.
  PosixFile(UniqueFd fd, std::string path, bool direct) : fd_(std::move(fd)), path_(std::move(path)), direct_(direct) {}

  Result<void> write(uint64_t position, ByteView bytes) override;
  Result<size_t> read(uint64_t position, std::span<uint8_t> into) override;
  Result<void> sync() override;
  Result<void> allocate(uint64_t bytes) override;
  Result<uint64_t> size() override;

 private:
  void check_aligned(uint64_t position, const uint8_t* memory, size_t bytes) const;

  UniqueFd fd_;
  std::string path_;
  bool direct_;
};

}  // namespace godwit::runtime
