#include "storage/superblock.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/crc32c.h"

namespace godwit::storage {
namespace {

constexpr uint32_t kMagic = 0x6e4a5747;  // "GWJn"
constexpr uint16_t kVersion = 1;
constexpr uint16_t kPrepared = 1;  ///< a flag

bool in_range(const Superblock& s) {
  return s.file_bytes % kBlockBytes == 0 && s.file_bytes > 2 * kBlockBytes && s.tail.seq.value > 0 &&
         s.tail.position % kBlockBytes == 0 && s.tail.position >= s.ring_begin() && s.tail.position <= s.ring_end() &&
         s.largest_chunk_bytes <= kChunkBytesMax;
}

}  // namespace

ByteVec encode_superblock(const Superblock& s) {
  ByteVec bytes;
  bytes.reserve(kBlockBytes);
  Writer out(bytes);
  out.le(kMagic);
  out.le(kVersion);
  out.le(static_cast<uint16_t>(s.prepared ? kPrepared : 0));
  out.bytes(s.journal_id);
  out.le(s.update);
  out.le(s.file_bytes);
  out.le(s.largest_chunk_bytes);
  out.le(s.tail.seq.value);
  out.le(s.tail.position);
  out.le(s.tail.previous_crc);
  out.le(s.unsynced_from.value);
  out.le(s.boots);
  out.le(crc32c(bytes));
  CHECK(bytes.size() == Superblock::kBytes);
  bytes.resize(kBlockBytes);
  return bytes;
}

Result<Superblock> decode_superblock(ByteView bytes) {
  if (bytes.size() < Superblock::kBytes) return fail(ErrorCode::kCorrupt, "superblock cut short");
  Reader in(bytes.first(Superblock::kBytes));
  uint32_t magic = in.le<uint32_t>();
  uint16_t version = in.le<uint16_t>();
  uint16_t flags = in.le<uint16_t>();
  Superblock s;
  s.prepared = (flags & kPrepared) != 0;
  std::ranges::copy(in.bytes(s.journal_id.size()), s.journal_id.begin());
  s.update = in.le<uint64_t>();
  s.file_bytes = in.le<uint64_t>();
  s.largest_chunk_bytes = in.le<uint64_t>();
  s.tail.seq = ChunkSeq(in.le<uint64_t>());
  s.tail.position = in.le<uint64_t>();
  s.tail.previous_crc = in.le<uint32_t>();
  s.unsynced_from = ChunkSeq(in.le<uint64_t>());
  s.boots = in.le<uint32_t>();
  uint32_t crc = in.le<uint32_t>();
  if (magic != kMagic || crc != crc32c(bytes.first(Superblock::kBytes - 4)))
    return fail(ErrorCode::kCorrupt, "superblock fails its check");
  if (version != kVersion)
    return fail(ErrorCode::kUnsupported, fmt::format("journal version {}, which a newer godwit wrote", version));
  if (!in_range(s)) return fail(ErrorCode::kCorrupt, "superblock out of range");
  return s;
}

Result<FoundSuperblock> read_superblock(runtime::File& file) {
  Result<uint64_t> size = file.size();
  if (!size) return std::unexpected(size.error());
  std::optional<Superblock> newest;
  std::optional<uint64_t> damaged_at;
  Error reason{ErrorCode::kCorrupt, "too short for a superblock"};
  if (*size < 2 * kBlockBytes) return std::unexpected(reason);
  for (uint64_t position : {uint64_t{0}, (*size / kBlockBytes - 1) * kBlockBytes}) {
    ByteVec bytes(kBlockBytes);
    Result<size_t> read = file.read(position, bytes);
    if (!read) return std::unexpected(read.error());
    Result<Superblock> copy = decode_superblock(ByteView(bytes).first(*read));
    if (copy && copy->file_bytes != *size)
      copy = fail(ErrorCode::kCorrupt, fmt::format("says {} bytes, the file has {}", copy->file_bytes, *size));
    if (!copy) {
      reason = copy.error();
      if (reason.code == ErrorCode::kUnsupported) return std::unexpected(reason);
      damaged_at = position;
    }
    if (copy && (!newest || copy->update > newest->update)) newest = *copy;
  }
  if (!newest) return std::unexpected(reason);
  return FoundSuperblock{*newest, damaged_at};
}

}  // namespace godwit::storage
