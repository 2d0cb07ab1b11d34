#include "model/kafka_records.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/crc32c.h"

namespace godwit::model {
namespace {

/// What the length field leaves out: base offset and itself.
constexpr size_t kBeforeLength = 12;
constexpr int8_t kMagic = 2;
/// Length, attributes, timestamp, offset, key, value and header count in a byte each.
constexpr size_t kShortestRecordBytes = 7;

size_t varint_bytes(uint64_t v) { return (static_cast<size_t>(std::bit_width(v | 1)) + 6) / 7; }
size_t zigzag_bytes(int64_t v) {
  return varint_bytes((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63));
}
size_t field_bytes(const std::optional<ByteView>& v) {
  return v ? zigzag_bytes(static_cast<int64_t>(v->size())) + v->size() : 1;
}

void put_field(Writer& out, const std::optional<ByteView>& v) {
  out.zigzag(v ? static_cast<int64_t>(v->size()) : -1);
  if (v) out.bytes(*v);
}

std::optional<ByteView> get_field(Reader& in) {
  int64_t n = in.zigzag();
  if (n == -1) return std::nullopt;
  if (n < 0 || static_cast<uint64_t>(n) > in.remaining()) return in.fail(), std::nullopt;
  return in.bytes(static_cast<size_t>(n));
}

template <std::integral T>
void store_be(uint8_t* at, T v) {
  T raw = std::endian::native == std::endian::little ? std::byteswap(v) : v;
  std::memcpy(at, &raw, sizeof raw);
}

void write_header(Writer& out, const KafkaBatchHeader& h) {
  out.be(h.base_offset);
  out.be(static_cast<int32_t>(h.bytes - kBeforeLength));
  out.be(h.leader_epoch);
  out.be(kMagic);
  out.be(h.crc);
  out.be(h.attributes);
  out.be(h.last_offset_delta);
  out.be(h.base_timestamp_ms);
  out.be(h.max_timestamp_ms);
  out.be(h.producer_id);
  out.be(h.producer_epoch);
  out.be(h.base_sequence);
  out.be(h.records);
}

}  // namespace

Result<KafkaBatchHeader> read_kafka_batch_header(ByteView bytes) {
  Reader in(bytes);
  KafkaBatchHeader h;
  h.base_offset = in.be<int64_t>();
  int32_t length = in.be<int32_t>();
  h.leader_epoch = in.be<int32_t>();
  int8_t magic = in.be<int8_t>();
  if (in.ok() && magic != kMagic) return fail(ErrorCode::kUnsupported, "only record batches of format 2 are accepted");
  h.crc = in.be<uint32_t>();
  h.attributes = in.be<int16_t>();
  h.last_offset_delta = in.be<int32_t>();
  h.base_timestamp_ms = in.be<int64_t>();
  h.max_timestamp_ms = in.be<int64_t>();
  h.producer_id = in.be<int64_t>();
  h.producer_epoch = in.be<int16_t>();
  h.base_sequence = in.be<int32_t>();
  h.records = in.be<int32_t>();
  if (!in.ok()) return fail(ErrorCode::kMalformed, "a record batch ends within its head");
  if (length < 0 || static_cast<size_t>(length) > bytes.size() - kBeforeLength ||
      static_cast<size_t>(length) + kBeforeLength < KafkaBatchHeader::kBytes)
    return fail(ErrorCode::kMalformed, "the length of a record batch does not fit its bytes");
  h.bytes = static_cast<uint32_t>(length) + kBeforeLength;
  if ((h.attributes & 7) > static_cast<int>(Compression::kZstd))
    return fail(ErrorCode::kUnsupported, "an unknown compression codec");
  return h;
}

Result<KafkaBatchHeader> check_kafka_batch(ByteView bytes) {
  Result<KafkaBatchHeader> header = read_kafka_batch_header(bytes);
  if (!header) return header;
  if (header->bytes != bytes.size()) return fail(ErrorCode::kMalformed, "more than one record batch for a partition");
  if (header->records < 1 || header->last_offset_delta != header->records - 1)
    return fail(ErrorCode::kMalformed, "the record count of a batch does not match its offsets");
  // Of a compressed batch only the codec can tell how many bytes there are.
  bool plain = header->compression() == Compression::kNone;
  size_t bytes_max = plain ? bytes.size() - KafkaBatchHeader::kBytes : kInflatedBytesMax;
  if (static_cast<size_t>(header->records) > bytes_max / kShortestRecordBytes)
    return fail(ErrorCode::kMalformed, "a record batch is shorter than its records");
  if (crc32c(bytes.subspan(KafkaBatchHeader::kAttributesAt)) != header->crc)
    return fail(ErrorCode::kCorrupt, "the CRC of a record batch does not match");
  return header;
}

bool KafkaHeaderReader::next(std::string_view& name, std::optional<ByteView>& value) {
  if (left_ == 0) return false;
  --left_;
  std::optional<ByteView> raw = get_field(in_);
  if (!raw) return false;
  name = as_string(*raw);
  value = get_field(in_);
  return in_.ok();
}

Result<KafkaRecordReader> KafkaRecordReader::open(Slice batch, int64_t append_ms, size_t inflated_max) {
  Result<KafkaBatchHeader> header = read_kafka_batch_header(batch);
  if (!header) return std::unexpected(header.error());
  Slice records = batch.sub(KafkaBatchHeader::kBytes, header->bytes - KafkaBatchHeader::kBytes);
  if (header->compression() != Compression::kNone) {
    Result<ByteVec> inflated = decompress(header->compression(), records, inflated_max);
    if (!inflated) return std::unexpected(inflated.error());
    records = Slice::take(std::move(*inflated));
  }
  return KafkaRecordReader(*header, std::move(records), append_ms);
}

bool KafkaRecordReader::next(KafkaRecord& record) {
  if (corrupt_ || read_ >= header_.records) return false;
  int64_t length = in_.zigzag();
  if (!in_.ok() || length < 0 || static_cast<uint64_t>(length) > in_.remaining()) return corrupt_ = true, false;
  Reader in(in_.bytes(static_cast<size_t>(length)));
  in.u8();  // attributes: none are defined
  int64_t timestamp_delta = in.zigzag();
  record.timestamp_ms = header_.stamped_at_append()
                            ? append_ms_
                            : static_cast<int64_t>(static_cast<uint64_t>(header_.base_timestamp_ms) +
                                                   static_cast<uint64_t>(timestamp_delta));
  record.offset_delta = static_cast<int32_t>(in.zigzag());
  record.key = get_field(in);
  record.value = get_field(in);
  int64_t headers = in.zigzag();
  // A header takes at least two bytes.
  if (!in.ok() || headers < 0 || static_cast<uint64_t>(headers) > in.remaining() / 2) return corrupt_ = true, false;
  record.header_count = static_cast<uint32_t>(headers);
  record.headers = in.rest();
  ++read_;
  return true;
}

void KafkaBatchBuilder::reset() {
  header_ = {};
  out_.assign(KafkaBatchHeader::kBytes, 0);
}

void KafkaBatchBuilder::add(const KafkaRecord& record) {
  if (header_.records == 0) {
    header_.base_timestamp_ms = record.timestamp_ms;
    header_.max_timestamp_ms = record.timestamp_ms;
  }
  header_.max_timestamp_ms = std::max(header_.max_timestamp_ms, record.timestamp_ms);
  // Unsigned: producers may send any timestamp, and readers add with the same wrap-around.
  int64_t timestamp_delta = static_cast<int64_t>(static_cast<uint64_t>(record.timestamp_ms) -
                                                 static_cast<uint64_t>(header_.base_timestamp_ms));
  size_t length = 1 + zigzag_bytes(timestamp_delta) + zigzag_bytes(header_.records) + field_bytes(record.key) +
                  field_bytes(record.value) + zigzag_bytes(record.header_count) + record.headers.size();
  Writer out(out_);
  out.zigzag(static_cast<int64_t>(length));
  out.u8(0);
  out.zigzag(timestamp_delta);
  out.zigzag(header_.records);
  put_field(out, record.key);
  put_field(out, record.value);
  out.zigzag(record.header_count);
  out.bytes(record.headers);
  header_.last_offset_delta = header_.records++;
}

Result<ByteVec> KafkaBatchBuilder::finish(Compression codec) {
  if (codec != Compression::kNone) {
    Result<ByteVec> deflated = compress(codec, ByteView(out_).subspan(KafkaBatchHeader::kBytes));
    if (!deflated) return deflated;
    out_.resize(KafkaBatchHeader::kBytes);
    out_.insert(out_.end(), deflated->begin(), deflated->end());
    header_.attributes = static_cast<int16_t>((header_.attributes & ~7) | static_cast<int16_t>(codec));
  }
  header_.bytes = static_cast<uint32_t>(out_.size());
  ByteVec head;
  Writer writer(head);
  write_header(writer, header_);
  std::copy(head.begin(), head.end(), out_.begin());
  seal_kafka_batch(out_);
  ByteVec done = std::move(out_);
  reset();
  return done;
}

Result<Slice> inflate_kafka_batch(const Slice& batch) {
  Result<KafkaBatchHeader> header = read_kafka_batch_header(batch);
  if (!header) return std::unexpected(header.error());
  if (header->compression() == Compression::kNone) return batch;
  ByteView records = batch.view().subspan(KafkaBatchHeader::kBytes, header->bytes - KafkaBatchHeader::kBytes);
  Result<ByteVec> inflated = decompress(header->compression(), records, kInflatedBytesMax);
  if (!inflated) return std::unexpected(inflated.error());
  header->bytes = static_cast<uint32_t>(KafkaBatchHeader::kBytes + inflated->size());
  header->attributes = static_cast<int16_t>(header->attributes & ~7);
  ByteVec plain;
  plain.reserve(header->bytes);
  Writer out(plain);
  write_header(out, *header);
  out.bytes(*inflated);
  seal_kafka_batch(plain);
  return Slice::take(std::move(plain));
}

void set_kafka_base_offset(std::span<uint8_t> head, int64_t base_offset, int32_t leader_epoch) {
  store_be(head.data(), base_offset);
  store_be(head.data() + 12, leader_epoch);
}

void seal_kafka_batch(std::span<uint8_t> batch) {
  store_be(batch.data() + KafkaBatchHeader::kCrcAt, crc32c(ByteView(batch).subspan(KafkaBatchHeader::kAttributesAt)));
}

}  // namespace godwit::model
