#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace godwit::runtime {

/// One open file. Calls block; errors carry the path and the operating system's reason (kIo, kFull for a full disk).
/// After a failed sync nothing is known of what was written since the last good one: the owner must stop using it.
class File {
 public:
  virtual ~File() = default;
  /// Writes all of `bytes` at `position`. Not durable before sync().
  virtual Result<void> write(uint64_t position, ByteView bytes) = 0;
  /// Reads up to `into.size()` bytes; fewer only at the end of the file.
  virtual Result<size_t> read(uint64_t position, std::span<uint8_t> into) = 0;
  /// Everything written before is on stable storage when it returns.
  virtual Result<void> sync() = 0;
  /// Reserves space for [0, bytes), so that writes there cannot fail for want of it. Reads as zeros.
  virtual Result<void> allocate(uint64_t bytes) = 0;
  virtual Result<uint64_t> size() = 0;
};

/// The door to one directory tree; paths are relative to its root. The only place where faults are injected:
/// the simulator's disk loses unsynced writes, tears, flips bits, delays and fills.
class Disk {
 public:
  enum class Mode {
    kRead,
    kReadWrite,
    kCreate,  ///< for reading and writing; must not exist yet (kAlreadyExists)
    kDirect,  ///< for reading and writing past the page cache, where the file system can. Positions, sizes and memory
              ///< of reads and writes are multiples of kBlockBytes.
  };
  virtual ~Disk() = default;
  /// Errors: kNotFound.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) = 0;
  /// Reads [position, position + into.size()), fewer bytes only at the file's end, if that takes no wait for the disk.
  /// Otherwise, and when the file cannot be read, nothing: read() tells why.
  virtual std::optional<size_t> read_cached(const std::string& path, uint64_t position, std::span<uint8_t> into) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Replaces `to`. Durable after sync_directory of its folder.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  /// Creates the folder and its parents, durably; an existing one is no error.
  virtual Result<void> make_directory(const std::string& path) = 0;
  virtual Result<void> sync_directory(const std::string& path) = 0;
  /// Names of what lies in a folder, unordered; a folder's name ends in '/'. Errors: kNotFound.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  virtual Result<uint64_t> free_bytes() = 0;
  /// Holds the tree for this process until the Disk is destroyed. Errors: kInUse: another process holds it.
  virtual Result<void> lock() = 0;
};

}  // namespace godwit::runtime
