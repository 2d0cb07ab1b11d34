#include "runtime/linux/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "runtime/linux/posix_error.h"
#include "runtime/linux/posix_file.h"
#include "runtime/linux/wait_while.h"

namespace godwit::runtime {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;

Result<void> sync_folder(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return posix_error("open", path);
  if (::fsync(fd.get()) != 0) return posix_error("fsync", path);
  return {};
}

std::string parent_of(const std::string& path) {
  size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// Creates `path` and its parents; each new folder's entry is synced into its parent.
Result<void> make_folders(const std::string& path) {
  std::string parent = parent_of(path);
  int made = ::mkdir(path.c_str(), kFolderMode);
  if (made != 0 && errno == ENOENT && parent != "." && parent != "/") {
    if (Result<void> parents = make_folders(parent); !parents) return parents;
    // Once more and no further: under /proc, or behind a link that leads nowhere, a parent is there and takes nothing.
    made = ::mkdir(path.c_str(), kFolderMode);
  }
  if (made == 0) return sync_folder(parent);
  if (errno == EEXIST) return {};
  return posix_error("mkdir", path);
}

/// A descriptor for reading if the path is in the kernel's caches (Linux 5.12), else -1.
int open_cached(const std::string& path) {
  open_how how{.flags = O_RDONLY | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_CACHED};
  return static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how));
}

class PosixDisk final : public Disk {
 public:
  explicit PosixDisk(std::string root) : root_(std::move(root)) {}

  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
    std::string full = at(path);
    int flags = O_CLOEXEC | (mode == Mode::kRead ? O_RDONLY : O_RDWR);
    if (mode == Mode::kCreate) flags |= O_CREAT | O_EXCL;
    int fd = ::open(full.c_str(), mode == Mode::kDirect ? flags | O_DIRECT : flags, kFileMode);
    if (fd < 0 && errno == EINVAL && mode == Mode::kDirect) fd = ::open(full.c_str(), flags, kFileMode);
    if (fd < 0) return posix_error("open", full);
    return std::make_unique<PosixFile>(UniqueFd(fd), std::move(full), mode == Mode::kDirect);
  }

  std::optional<size_t> read_cached(const std::string& path, uint64_t position, std::span<uint8_t> into) override {
    UniqueFd fd(open_cached(at(path)));
    size_t done = 0;
    while (fd && done < into.size()) {
      iovec rest{into.data() + done, into.size() - done};
      ssize_t n = ::preadv2(fd.get(), &rest, 1, static_cast<off_t>(position + done), RWF_NOWAIT);
      if (n < 0) return std::nullopt;
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return fd ? std::optional(done) : std::nullopt;
  }

  Result<bool> exists(const std::string& path) override {
    struct stat status;
    if (::stat(at(path).c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return posix_error("stat", at(path));
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(at(from).c_str(), at(to).c_str()) != 0) return posix_error("rename", at(from));
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(at(path).c_str()) != 0) return posix_error("unlink", at(path));
    return {};
  }

  Result<void> make_directory(const std::string& path) override { return make_folders(at(path)); }
  Result<void> sync_directory(const std::string& path) override { return sync_folder(at(path)); }

  Result<std::vector<std::string>> list(const std::string& path) override {
    DIR* folder = ::opendir(at(path).c_str());
    if (!folder) return posix_error("opendir", at(path));
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(folder)) {
      std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat status;
      if (::fstatat(::dirfd(folder), entry->d_name, &status, 0) == 0 && S_ISDIR(status.st_mode)) name += '/';
      names.push_back(std::move(name));
      errno = 0;
    }
    int failed = errno;
    ::closedir(folder);
    errno = failed;
    if (failed != 0) return posix_error("readdir", at(path));
    return names;
  }

  Result<uint64_t> free_bytes() override {
    struct statvfs status;
    if (::statvfs(root_.c_str(), &status) != 0) return posix_error("statvfs", root_);
    return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
  }

  Result<void> lock() override {
    std::string path = at("LOCK");
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
    if (!fd) return posix_error("open", path);
    int locked = -1;
    bool taken = wait_while([&] {
      locked = ::flock(fd.get(), LOCK_EX | LOCK_NB);
      return locked != 0 && errno == EWOULDBLOCK;
    });
    if (taken)
      return fail(ErrorCode::kInUse, fmt::format("{}: another broker is running on this data directory", root_));
    if (locked != 0) return posix_error("flock", path);
    lock_ = std::move(fd);
    return {};
  }

 private:
  std::string at(const std::string& path) const {
    return path.empty() || path == "." ? root_ : fmt::format("{}/{}", root_, path);
  }

  std::string root_;
  UniqueFd lock_;
};

}  // namespace

Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& root) {
  std::string path = root;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (Result<void> made = make_folders(path); !made) return std::unexpected(made.error());
  return std::make_unique<PosixDisk>(std::move(path));
}

}  // namespace godwit::runtime
