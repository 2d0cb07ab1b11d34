#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/executor.h"
#include "storage/manifest.h"

namespace godwit::broker {

class Broker;

/// The node's list of what is where, on worker 0's loop: gathers what each worker's checkpoint has stored, writes the
/// next manifest once the journal is synced up to what they hold, and then lets go of what the one before needed:
/// chunks of the journal, old snapshots, dead segments.
class ManifestKeeper {
 public:
  explicit ManifestKeeper(Broker& broker) : broker_(broker) {}

  struct DeadBlob {
    std::string key;
    uint64_t lsn = 0;  ///< the worker's last record when it died
  };
  /// Moves the keys of those that died by `lsn` from `dead` to `keys`.
  static void take(std::vector<DeadBlob>& dead, uint64_t lsn, std::vector<std::string>& keys);
  struct Contribution {
    WorkerId worker;
    std::vector<storage::ShardSnapshotRef> shards;  ///< replace what the manifest says of them
    storage::ChunkSeq needs;                        ///< the oldest chunk the worker needs from now on
    std::vector<DeadBlob> dead_blobs;
    uint64_t durable_lsn = 0;  ///< those that died by then stay dead
  };
  using Done = std::move_only_function<void(Result<void>)>;
  /// Called on worker 0's loop; `done` there as well.
  void add(Contribution contribution, Done done);

  /// Blobs that are dead for one worker, and stay so once the journal is synced. Checkpoints call it when no manifest
  /// can be stored (decision 0010).
  void remove(std::vector<std::string> keys);

  /// Boot: so many workers have segments in the blob. Others are used by the worker that wrote them.
  void share(const std::string& blob, size_t workers) { shared_[blob] = workers; }
  /// Boot.
  void start_from(storage::Manifest manifest, std::vector<storage::ChunkSeq> needs) {
    manifest_ = std::move(manifest);
    needs_ = std::move(needs);
  }
  const storage::Manifest& manifest() const { return manifest_; }

 private:
  void write();
  void put();
  void stored(const Result<void>& result);
  /// Leaves out of `keys`, dead for one worker each, what another one still uses.
  std::vector<std::string> unused(std::vector<std::string> keys);

  Broker& broker_;
  storage::Manifest manifest_;
  std::vector<storage::ChunkSeq> needs_;  ///< by worker
  std::vector<std::pair<Contribution, Done>> next_;
  std::vector<Done> writing_;
  std::vector<std::string> obsolete_;  ///< blobs to remove when the manifest under way is stored
  struct Dead {
    std::vector<DeadBlob> blobs;
    uint64_t durable_lsn = 0;
  };
  std::map<uint16_t, Dead> dead_;  ///< by worker, likewise; those that stay dead also when there is no room for it
  /// Blobs from a run with fewer workers: how many of today's still use each.
  std::map<std::string, size_t> shared_;
  bool busy_ = false;
};

}  // namespace godwit::broker
