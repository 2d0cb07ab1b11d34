#include "model/batch.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/limits.h"

namespace godwit::model {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kMagic = 0xb7;

}  // namespace

Batch seal_batch(Encoding encoding, uint16_t flags, uint32_t count, int64_t max_timestamp_ms, Slice payload) {
  CHECK(count > 0 && payload.size() <= kBatchBytesMax, "{} messages, {} bytes", count, payload.size());
  BatchHeader header{.encoding = encoding,
                     .flags = flags,
                     .count = count,
                     .max_timestamp_ms = max_timestamp_ms,
                     .payload_bytes = static_cast<uint32_t>(payload.size()),
                     .payload_crc = crc32c(payload)};
  return Batch{header, std::move(payload)};
}

void write_batch_header(Writer& out, const BatchHeader& h) {
  size_t start = out.size();
  out.u8(kMagic);
  out.u8(kVersion);
  out.u8(static_cast<uint8_t>(h.encoding));
  out.u8(0);
  out.le(h.payload_bytes);
  out.le(h.base_offset.value);
  out.le(h.append_ms);
  out.le(h.max_timestamp_ms);
  out.le(h.count);
  out.le(h.flags);
  out.le(uint16_t{0});
  out.le(h.payload_crc);
  out.le(crc32c(ByteView(out.out()).subspan(start)));
  CHECK(out.size() - start == BatchHeader::kBytes);
}

Result<BatchHeader> read_batch_header(ByteView bytes) {
  if (bytes.size() < BatchHeader::kBytes) return fail(ErrorCode::kCorrupt, "batch header cut short");
  ByteView head = bytes.first(BatchHeader::kBytes);
  Reader in(head);
  uint8_t magic = in.u8();
  uint8_t version = in.u8();
  BatchHeader h;
  uint8_t encoding = in.u8();
  in.u8();
  h.payload_bytes = in.le<uint32_t>();
  h.base_offset = Offset(in.le<int64_t>());
  h.append_ms = in.le<int64_t>();
  h.max_timestamp_ms = in.le<int64_t>();
  h.count = in.le<uint32_t>();
  h.flags = in.le<uint16_t>();
  in.le<uint16_t>();
  h.payload_crc = in.le<uint32_t>();
  uint32_t crc = in.le<uint32_t>();
  if (magic != kMagic || crc != crc32c(head.first(BatchHeader::kBytes - 4)))
    return fail(ErrorCode::kCorrupt, "batch header fails its check");
  if (version != kVersion) return fail(ErrorCode::kCorrupt, fmt::format("batch version {} is unknown", version));
  if (encoding > static_cast<uint8_t>(Encoding::kKafka) || h.count == 0 || h.payload_bytes > kBatchBytesMax)
    return fail(ErrorCode::kCorrupt, "batch header out of range");
  h.encoding = static_cast<Encoding>(encoding);
  return h;
}

Result<Batch> read_batch(const Slice& bytes) {
  Result<BatchHeader> header = read_batch_header(bytes);
  if (!header) return std::unexpected(header.error());
  if (bytes.size() - BatchHeader::kBytes < header->payload_bytes)
    return fail(ErrorCode::kCorrupt, "batch payload cut short");
  Slice payload = bytes.sub(BatchHeader::kBytes, header->payload_bytes);
  if (crc32c(payload) != header->payload_crc)
    return fail(ErrorCode::kCorrupt, fmt::format("batch at offset {} fails its check", header->base_offset.value));
  return Batch{*header, std::move(payload)};
}

}  // namespace godwit::model
