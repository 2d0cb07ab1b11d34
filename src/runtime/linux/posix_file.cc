#include "runtime/linux/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "base/limits.h"
#include "runtime/linux/posix_error.h"

namespace godwit::runtime {

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

void PosixFile::check_aligned(uint64_t position, const uint8_t* memory, size_t bytes) const {
  CHECK(!direct_ || (position | bytes | reinterpret_cast<uintptr_t>(memory)) % kBlockBytes == 0, "{}: {} bytes at {}",
        path_, bytes, position);
}

Result<void> PosixFile::write(uint64_t position, ByteView bytes) {
  check_aligned(position, bytes.data(), bytes.size());
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return posix_error("write", path_);
    bytes = bytes.subspan(static_cast<size_t>(n));
    position += static_cast<uint64_t>(n);
  }
  return {};
}

Result<size_t> PosixFile::read(uint64_t position, std::span<uint8_t> into) {
  check_aligned(position, into.data(), into.size());
  size_t done = 0;
  while (done < into.size()) {
    ssize_t n = ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(position + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return posix_error("read", path_);
    if (n == 0) break;
    done += static_cast<size_t>(n);
    if (direct_ && done % kBlockBytes != 0) break;  // the file's end: nothing may be read from there on
  }
  return done;
}

Result<void> PosixFile::sync() {
  if (::fdatasync(fd_.get()) != 0) return posix_error("fdatasync", path_);
  return {};
}

Result<void> PosixFile::allocate(uint64_t bytes) {
  int failed = 0;
  do {
    failed = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(bytes));
  } while (failed == EINTR);
  if (failed == 0) return {};
  errno = failed;
  return posix_error("fallocate", path_);
}

Result<uint64_t> PosixFile::size() {
  struct stat status;
  if (::fstat(fd_.get(), &status) != 0) return posix_error("fstat", path_);
  return static_cast<uint64_t>(status.st_size);
}

}  // namespace godwit::runtime
