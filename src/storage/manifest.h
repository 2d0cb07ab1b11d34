#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "storage/blob_store.h"
#include "storage/journal.h"

namespace godwit::storage {

/// Where the newest snapshot of one shard lies, and which of the shard's entries it contains.
struct ShardSnapshotRef {
  ShardId shard;
  std::string blob;
  uint64_t position = 0;
  uint64_t bytes = 0;
  uint64_t seq = 0;  ///< of the last entry it contains

  bool operator==(const ShardSnapshotRef&) const = default;
  template <class F>
  void fields(F& f) {
    f(shard)(blob)(position)(bytes)(seq);
  }
};

/// A node's checkpoint: with the snapshots it names and the journal from `journal_from` on, everything can be rebuilt.
/// Format: docs/formats/manifest.md.
struct Manifest {
  uint64_t counter = 0;  ///< grows with each manifest; the highest whole one counts
  ChunkSeq journal_from{1};
  uint32_t feature_level = 1;
  std::vector<ShardSnapshotRef> shards;  ///< ordered by shard

  bool operator==(const Manifest&) const = default;
  template <class F>
  void fields(F& f) {
    f(counter)(journal_from)(feature_level)(shards);
  }
};

constexpr uint32_t kFeatureLevel = 1;

/// "manifest/" and the counter in 16 hexadecimal digits.
std::string manifest_key(uint64_t counter);
ByteVec encode_manifest(const Manifest& manifest);
/// Errors: kCorrupt; kUnsupported: a newer version or feature level.
Result<Manifest> decode_manifest(ByteView bytes);

struct LoadedManifest {
  Manifest manifest;
  std::vector<std::string> keys;     ///< of every manifest found, newest first
  std::vector<std::string> damaged;  ///< of those newer than the one that counts
};
/// The newest whole manifest; an empty one when there is none yet. Errors: kUnsupported, kIo; kCorrupt when there are
/// manifests and none of them is whole.
Result<LoadedManifest> load_latest_manifest(BlobStore& blobs);

}  // namespace godwit::storage
