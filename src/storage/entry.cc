#include "storage/entry.h"

#include <limits>

#include "base/check.h"

namespace godwit::storage {
namespace {

/// A payload up to this size is copied in line: two small copies cost less than a counted reference that the journal's
/// thread gives back.
constexpr size_t kInlinePayloadBytesMax = 512;

}  // namespace

void write_entry_header(Writer& out, const EntryHeader& header) {
  out.le(header.body_bytes);
  out.le(header.shard.value);
  out.u8(header.type);
  out.u8(header.version);
  out.le(header.seq);
}

EntryHeader read_entry(Reader& in, ByteView& body) {
  EntryHeader header;
  header.body_bytes = in.le<uint32_t>();
  header.shard = ShardId(in.le<uint16_t>());
  header.type = in.u8();
  header.version = in.u8();
  header.seq = in.le<uint64_t>();
  body = in.bytes(header.body_bytes);
  return header;
}

void StagedEntries::add(ShardId shard, uint8_t type, uint8_t version, uint64_t seq, ByteView head, Slice payload) {
  size_t body_bytes = head.size() + payload.size();
  CHECK(body_bytes <= std::numeric_limits<uint32_t>::max(), "{} bytes", body_bytes);
  Writer out(inline_);
  write_entry_header(out, {static_cast<uint32_t>(body_bytes), shard, type, version, seq});
  out.bytes(head);
  if (payload.size() <= kInlinePayloadBytesMax)
    out.bytes(payload);
  else
    parts_.push_back({inline_.size(), std::move(payload)});
  bytes_ += EntryHeader::kBytes + body_bytes;
  ++count_;
}

uint8_t* StagedEntries::copy_to(uint8_t* out) const {
  size_t from = 0;
  auto copy = [&out](const uint8_t* bytes, size_t size) {
    if (size > 0) std::memcpy(out, bytes, size);
    out += size;
  };
  for (const Part& part : parts_) {
    copy(inline_.data() + from, part.inline_end - from);
    copy(part.slice.data(), part.slice.size());
    from = part.inline_end;
  }
  copy(inline_.data() + from, inline_.size() - from);
  return out;
}

}  // namespace godwit::storage
