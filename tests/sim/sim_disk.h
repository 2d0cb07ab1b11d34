#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "runtime/disk.h"

namespace godwit::sim {

// The faults that this disk injects, and what must be survived.
//
//  1. Power loss at any operation. Of what was written since a file's last good sync, any subset of 512-byte sectors
//  may
//     be there, so a write may be torn anywhere; the file's new length may be lost. What was synced is there.
//     Must be survived: nothing reported durable is lost, and nothing half is taken for whole.
//  2. A folder that was not synced: creations, renames and removals in it may be undone, the newest first.
//     Must be survived.
//  3. A failed sync. What was written before it may or may not be there, whatever later syncs say.
//     Must be survived by stopping: whoever writes on has a bug.
//  4. A full disk: writes and allocations beyond the capacity fail with kFull and change nothing; writes into allocated
//     space go through. Must be survived without a restart.
//  5. A failed write or read (kIo). Must be survived by stopping, without damage.
//  6. Flipped bits in what was synced. Must be found and reported, never served.
//
// Not injected, hence not promised: a sync that reports success and lies, and a 512-byte sector torn inside.

/// A disk in memory whose faults follow from a seed. One thread. Folders exist when they are made, durably.
class SimDisk final : public runtime::Disk {
 public:
  explicit SimDisk(uint64_t seed, uint64_t capacity_bytes = UINT64_MAX) : random_(seed), capacity_(capacity_bytes) {}

  Result<std::unique_ptr<runtime::File>> open(const std::string& path, Mode mode) override;
  /// Every other time the bytes are not in memory.
  std::optional<size_t> read_cached(const std::string& path, uint64_t position, std::span<uint8_t> into) override;
  Result<bool> exists(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<uint64_t> free_bytes() override;
  /// Held until crash() or release_lock(), as by a process.
  Result<void> lock() override;

  /// Power fails and comes back: fault 1 and 2. Files opened before answer kIo for ever.
  void crash();
  /// The process dies and the machine does not: what was written stays, files opened before answer kIo.
  void kill();
  /// The operation after `operations` more writes, syncs, renames, creations and removals fails with kIo and takes no
  /// effect (a write may still be on its way: fault 1); so does all that follows, until crash() or kill().
  void stop_after(uint64_t operations) { stop_after_ = operations; }
  bool stopped() const { return stop_after_ == 0; }
  void fail_next_sync() { fail_sync_ = true; }
  void fail_next_write() { fail_write_ = true; }
  void fail_next_read() { fail_read_ = true; }
  /// Every write to a file in the folder or below it fails; none does with an empty name.
  void fail_writes_in(const std::string& folder) { fail_writes_in_ = folder.empty() ? "" : folder + "/"; }
  /// Nothing that was to fail fails any more.
  void work_again() {
    fail_sync_ = fail_write_ = fail_read_ = false;
    fail_writes_in_.clear();
  }
  void set_capacity(uint64_t bytes) { capacity_ = bytes; }
  /// Changes one bit of stored bytes. The file exists and is longer than `position`.
  void flip_bit(const std::string& path, uint64_t position, int bit);
  /// 0 when there is no such file.
  uint64_t size_of(const std::string& path) const;
  uint8_t byte_at(const std::string& path, uint64_t position) const;
  /// What the medium has, and all of that again: writes in between have never been.
  ByteVec bytes_of(const std::string& path) const;
  void put_back(const std::string& path, const ByteVec& bytes);

  uint64_t used_bytes() const;
  /// How often the file was opened to read it.
  uint64_t opened_to_read(const std::string& path) const;
  uint64_t syncs() const { return syncs_; }
  uint64_t writes() const { return writes_; }
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  friend class SimFile;
  struct Node;
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  /// A change of names that its folder's sync has not made durable: `path` now means `node`, or nothing.
  struct NameChange {
    std::string path;
    std::shared_ptr<Node> node;
    uint64_t group;  ///< a rename is two changes of one group: both happen or neither
  };

  Result<void> begin_change();
  void change_names(std::vector<std::pair<std::string, std::shared_ptr<Node>>> changes);

  std::mt19937_64 random_;
  uint64_t capacity_;
  uint64_t generation_ = 0;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> unsynced_;
  uint64_t next_group_ = 0;
  std::map<std::string, bool> folders_;
  std::optional<uint64_t> stop_after_;
  bool fail_sync_ = false;
  bool fail_write_ = false;
  bool fail_read_ = false;
  std::string fail_writes_in_;  ///< empty: nowhere
  bool locked_ = false;
  std::map<std::string, uint64_t> opened_to_read_;
  uint64_t syncs_ = 0;
  uint64_t writes_ = 0;
  uint64_t bytes_written_ = 0;
};

}  // namespace godwit::sim
