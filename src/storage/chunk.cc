#include "storage/chunk.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/crc32c.h"

namespace godwit::storage {
namespace {

/// The journal's id goes first, so that no bytes a client can choose pass for a chunk, nor a chunk of another journal.
uint32_t header_crc(ByteView header, const RandomId& journal_id) {
  return crc32c(header.first(kChunkHeaderCrcAt), crc32c(journal_id));
}

}  // namespace

void seal_chunk(std::span<uint8_t> chunk, const RandomId& journal_id, ChunkHeader& header) {
  CHECK(chunk.size() == kChunkHeaderBytes + header.body_bytes + header.footer_bytes);
  header.body_crc = crc32c(chunk.subspan(kChunkHeaderBytes));
  ByteVec bytes;
  bytes.reserve(kChunkHeaderBytes);
  Writer out(bytes);
  out.le(kChunkMagic);
  out.u8(kChunkVersion);
  out.u8(0);
  out.le(uint16_t{0});
  out.le(header.seq.value);
  out.bytes(header.boot_id);
  out.le(header.previous_crc);
  out.le(header.body_bytes);
  out.le(header.entry_count);
  out.le(header.footer_bytes);
  out.le(header.wall_ms);
  out.le(header.body_crc);
  CHECK(bytes.size() == kChunkHeaderCrcAt);
  header.crc = header_crc(bytes, journal_id);
  out.le(header.crc);
  std::memcpy(chunk.data(), bytes.data(), bytes.size());
}

Result<ChunkHeader> read_chunk_header(ByteView bytes, const RandomId& journal_id) {
  if (bytes.size() < kChunkHeaderBytes) return fail(ErrorCode::kCorrupt, "chunk header cut short");
  Reader in(bytes.first(kChunkHeaderBytes));
  uint32_t magic = in.le<uint32_t>();
  uint8_t version = in.u8();
  in.bytes(3);
  ChunkHeader header;
  header.seq = ChunkSeq(in.le<uint64_t>());
  std::memcpy(header.boot_id.data(), in.bytes(header.boot_id.size()).data(), header.boot_id.size());
  header.previous_crc = in.le<uint32_t>();
  header.body_bytes = in.le<uint32_t>();
  header.entry_count = in.le<uint32_t>();
  header.footer_bytes = in.le<uint32_t>();
  header.wall_ms = in.le<int64_t>();
  header.body_crc = in.le<uint32_t>();
  header.crc = in.le<uint32_t>();
  if (magic != kChunkMagic || header.crc != header_crc(bytes, journal_id))
    return fail(ErrorCode::kCorrupt, "no chunk header");
  if (version != kChunkVersion)
    return fail(ErrorCode::kUnsupported,
                fmt::format("chunk {} has version {}, which a newer godwit wrote", header.seq.value, version));
  if (header.stored_bytes() > kChunkBytesMax) return fail(ErrorCode::kCorrupt, "chunk header out of range");
  return header;
}

bool check_chunk_body(ByteView chunk, const ChunkHeader& header) {
  uint64_t bytes = uint64_t{header.body_bytes} + header.footer_bytes;
  if (chunk.size() < kChunkHeaderBytes + bytes) return false;
  return crc32c(chunk.subspan(kChunkHeaderBytes, bytes)) == header.body_crc;
}

}  // namespace godwit::storage
