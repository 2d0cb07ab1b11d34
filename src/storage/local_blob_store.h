#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/disk.h"
#include "storage/blob_store.h"
#include "storage/blob_writer.h"

namespace godwit::storage {

/// Blobs as files below the folder `blobs` of a disk. A '/' in a key is a folder. A blob is written beside its name,
/// synced, renamed, and its folder synced. Outlives its executors' last tasks.
class LocalBlobStore final : public BlobStore {
 public:
  /// `io` runs every call that blocks, one after another.
  LocalBlobStore(runtime::Disk& disk, runtime::Executor& io) : LocalBlobStore(disk, io, io) {}
  /// Reads have an executor of their own, so that none waits until a checkpoint's blobs are written.
  LocalBlobStore(runtime::Disk& disk, runtime::Executor& io, runtime::Executor& reads);

  /// Makes the folder, and removes what puts cut short by a crash left. Blocks; before any other call.
  Result<void> open();

  void put(std::string key, std::vector<Slice> bytes, runtime::Executor& on, OnPut done) override;
  void get(std::string key, uint64_t position, uint64_t length, runtime::Executor& on, OnGet done) override;
  /// After every get that was asked for before. A blob that is not there is no error; one that cannot be removed stays
  /// until the next start lists it.
  void remove(std::vector<std::string> keys) override;
  Result<std::vector<std::string>> list(const std::string& prefix) override;
  Result<Slice> get_now(const std::string& key) override;

 private:
  Result<void> write(const std::string& key, const std::vector<Slice>& bytes);
  std::optional<Slice> read_cached(const std::string& key, uint64_t position, uint64_t length);
  Result<Slice> read(const std::string& key, uint64_t position, uint64_t length);
  Result<Slice> read_direct(const std::string& key, uint64_t position, uint64_t length);
  Result<void> list_folder(const std::string& folder, std::vector<std::string>& keys);

  runtime::Disk& disk_;
  runtime::Executor& io_;
  runtime::Executor& reads_;
  // Owned by io_'s thread.
  BlobWriter writer_;
  std::set<std::string> made_folders_;
};

}  // namespace godwit::storage
