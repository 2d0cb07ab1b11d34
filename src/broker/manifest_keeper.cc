#include "broker/manifest_keeper.h"

#include <algorithm>

#include "broker/broker.h"
#include "broker/worker.h"

namespace godwit::broker {

void ManifestKeeper::add(Contribution contribution, Done done) {
  next_.emplace_back(std::move(contribution), std::move(done));
  if (!busy_) write();
}

void ManifestKeeper::write() {
  busy_ = true;
  std::map<ShardId, storage::ShardSnapshotRef> shards;
  std::map<std::string, size_t> users;
  for (storage::ShardSnapshotRef& ref : manifest_.shards) {
    ++users[ref.blob];
    shards[ref.shard] = std::move(ref);
  }
  for (auto& [contribution, done] : next_) {
    for (storage::ShardSnapshotRef& ref : contribution.shards) {
      auto old = shards.find(ref.shard);
      if (old != shards.end() && --users[old->second.blob] == 0) obsolete_.push_back(old->second.blob);
      ++users[ref.blob];
      shards[ref.shard] = std::move(ref);
    }
    Dead& dead = dead_[contribution.worker.value];
    std::ranges::move(contribution.dead_blobs, std::back_inserter(dead.blobs));
    dead.durable_lsn = contribution.durable_lsn;
    needs_[contribution.worker.value] = std::max(needs_[contribution.worker.value], contribution.needs);
    writing_.push_back(std::move(done));
  }
  next_.clear();
  if (manifest_.counter > 0) obsolete_.push_back(storage::manifest_key(manifest_.counter));
  ++manifest_.counter;
  manifest_.journal_from = *std::min_element(needs_.begin(), needs_.end());
  manifest_.shards.clear();
  for (auto& [shard, ref] : shards) manifest_.shards.push_back(std::move(ref));
  // What the snapshots hold follows from what other shards had reported: with durability "os" the journal may lose that
  // and keep the manifest.
  if (broker_.options().plant == testing::Plant::kManifestUnsynced) return put();
  broker_.journal().sync([this](Result<void> synced) {
    if (!synced) broker_.fail(synced.error());
    broker_.run_on(WorkerId(0), [this, synced = std::move(synced)](Worker&) { synced ? put() : stored(synced); });
  });
}

void ManifestKeeper::put() {
  broker_.blobs().put(storage::manifest_key(manifest_.counter), {Slice::take(storage::encode_manifest(manifest_))},
                      broker_.worker(WorkerId(0)).loop(), [this](const Result<void>& result) { stored(result); });
}

void ManifestKeeper::stored(const Result<void>& result) {
  busy_ = false;
  std::vector<std::string> gone;
  if (result) {
    broker_.journal().trim(manifest_.journal_from);
    gone = std::exchange(obsolete_, {});
  }
  // With a full disk they make room for the next one (Checkpoint::remove_early).
  bool full = !result && result.error().code == ErrorCode::kFull;
  for (auto& [worker, dead] : dead_)
    std::erase_if(dead.blobs, [&](DeadBlob& blob) {
      bool goes = result || (full && blob.lsn <= dead.durable_lsn);
      if (goes) gone.push_back(std::move(blob.key));
      return goes;
    });
  if (!gone.empty()) broker_.blobs().remove(std::move(gone));
  // After a failure the contributions stay in the manifest: the next one that is stored carries them.
  for (Done& done : std::exchange(writing_, {})) done(result);
  if (!next_.empty()) write();
}

}  // namespace godwit::broker
