#include "broker/manifest_keeper.h"

#include <algorithm>

#include "broker/broker.h"
#include "broker/worker.h"

namespace godwit::broker {

void ManifestKeeper::take(std::vector<DeadBlob>& dead, uint64_t lsn, std::vector<std::string>& keys) {
  std::erase_if(dead, [&](DeadBlob& blob) {
    bool goes = blob.lsn <= lsn;
    if (goes) keys.push_back(std::move(blob.key));
    return goes;
  });
}

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
  std::vector<std::string> dead;
  bool full = !result && result.error().code == ErrorCode::kFull;
  if (result || full)
    for (auto& [worker, of] : dead_) take(of.blobs, result ? UINT64_MAX : of.durable_lsn, dead);
  if (!dead.empty()) remove(std::move(dead));
  if (result) {
    broker_.journal().trim(manifest_.journal_from);
    if (!obsolete_.empty()) broker_.blobs().remove(std::exchange(obsolete_, {}));
  }
  // After a failure the contributions stay in the manifest: the next one that is stored carries them.
  for (Done& done : std::exchange(writing_, {})) done(result);
  if (!next_.empty()) write();
}

void ManifestKeeper::remove(std::vector<std::string> keys) {
  keys = unused(std::move(keys));
  if (keys.empty()) return;
  broker_.journal().sync([this, keys = std::move(keys)](const Result<void>& synced) mutable {
    if (synced) broker_.blobs().remove(std::move(keys));
  });
}

std::vector<std::string> ManifestKeeper::unused(std::vector<std::string> keys) {
  std::erase_if(keys, [&](const std::string& key) {
    auto shared = shared_.find(key);
    if (shared == shared_.end()) return false;
    if (--shared->second > 0) return true;
    shared_.erase(shared);
    return false;
  });
  return keys;
}

}  // namespace godwit::broker
