#include "storage/manifest.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/codec.h"
#include "base/crc32c.h"
#include "base/fields.h"
#include "storage/damage.h"

namespace godwit::storage {
namespace {

constexpr uint32_t kMagic = 0x464d5747;  // "GWMF" in little-endian order
constexpr uint32_t kVersion = 1;
constexpr std::string_view kPrefix = "manifest/";

}  // namespace

std::string manifest_key(uint64_t counter) { return fmt::format("{}{:016x}", kPrefix, counter); }

ByteVec encode_manifest(const Manifest& manifest) {
  ByteVec bytes;
  Writer out(bytes);
  out.le(kMagic);
  out.le(kVersion);
  encode_fields(manifest, bytes);
  out.le(crc32c(bytes));
  return bytes;
}

Result<Manifest> decode_manifest(ByteView bytes) {
  if (bytes.size() < 12) return fail(ErrorCode::kCorrupt, "manifest cut short");
  Reader tail(bytes.last(4));
  if (tail.le<uint32_t>() != crc32c(bytes.first(bytes.size() - 4)))
    return fail(ErrorCode::kCorrupt, "manifest fails its check");
  Reader in(bytes.first(bytes.size() - 4));
  if (in.le<uint32_t>() != kMagic) return fail(ErrorCode::kCorrupt, "not a manifest");
  uint32_t version = in.le<uint32_t>();
  if (version > kVersion)
    return fail(ErrorCode::kUnsupported, fmt::format("manifest version {} is from a newer release", version));
  Manifest manifest;
  if (!decode_fields(in, static_cast<int>(version), manifest) || in.remaining() != 0)
    return fail(ErrorCode::kCorrupt, "manifest does not follow its format");
  if (manifest.feature_level > kFeatureLevel)
    return fail(ErrorCode::kUnsupported, fmt::format("the data has feature level {}, this release knows {}",
                                                     manifest.feature_level, kFeatureLevel));
  return manifest;
}

Result<LoadedManifest> load_latest_manifest(BlobStore& blobs) {
  Result<std::vector<std::string>> keys = blobs.list(std::string(kPrefix));
  if (!keys) return std::unexpected(keys.error());
  LoadedManifest loaded;
  loaded.keys = std::move(*keys);
  std::sort(loaded.keys.rbegin(), loaded.keys.rend());
  Error newest_error;
  for (const std::string& key : loaded.keys) {
    Result<Slice> bytes = blobs.get_now(key);
    if (!bytes) return std::unexpected(bytes.error());
    Result<Manifest> manifest = decode_manifest(*bytes);
    if (manifest) {
      loaded.manifest = std::move(*manifest);
      return loaded;
    }
    if (manifest.error().code != ErrorCode::kCorrupt) return std::unexpected(manifest.error());
    if (loaded.damaged.empty()) newest_error = manifest.error();
    loaded.damaged.push_back(key);
  }
  if (loaded.keys.empty()) return loaded;
  newest_error.message += ", and there is no older one that is whole";
  return unreadable("blobs/" + loaded.keys.front(), newest_error);
}

}  // namespace godwit::storage
