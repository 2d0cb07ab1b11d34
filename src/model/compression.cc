#include "model/compression.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/codec.h"
#include "base/limits.h"

namespace godwit::model {
namespace {

constexpr size_t kFirstGuess = 16_KiB;
constexpr std::array<uint8_t, 8> kXerialMagic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
/// Raw bytes of one xerial block: what the Java library uses, so that readers' buffers fit.
constexpr size_t kXerialBlockBytes = 32_KiB;

std::unexpected<Error> malformed(const char* codec) {
  return fail(ErrorCode::kMalformed, std::string("compressed records are not ") + codec);
}

std::unexpected<Error> too_large(size_t bytes_max) {
  return fail(ErrorCode::kTooLarge, "compressed records inflate to more than " + std::to_string(bytes_max) + " bytes");
}

/// The output of a streaming codec: grows by doubling up to a limit.
class Inflated {
 public:
  Inflated(size_t in_bytes, size_t bytes_max) : bytes_max_(bytes_max) {
    out_.resize(std::min(bytes_max, std::max(kFirstGuess, in_bytes * 4)));
  }
  uint8_t* at() { return out_.data() + used_; }
  size_t room() const { return out_.size() - used_; }
  void used(size_t n) { used_ += n; }
  /// False at the limit.
  bool grow() {
    if (room() > 0) return true;
    if (out_.size() >= bytes_max_) return false;
    out_.resize(std::min(bytes_max_, out_.size() * 2));
    return true;
  }
  ByteVec take() {
    out_.resize(used_);
    out_.shrink_to_fit();  // it may be held for long, and has grown by doubling
    return std::move(out_);
  }

 private:
  ByteVec out_;
  size_t used_ = 0;
  size_t bytes_max_;
};

Result<ByteVec> gunzip(ByteView in, size_t bytes_max) {
  z_stream z{};
  if (inflateInit2(&z, 15 + 32) != Z_OK) return fail(ErrorCode::kIo, "zlib refused to start");
  std::unique_ptr<z_stream, int (*)(z_stream*)> end(&z, inflateEnd);
  Inflated out(in.size(), bytes_max);
  z.next_in = const_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  for (;;) {
    z.next_out = out.at();
    size_t room = out.room();
    z.avail_out = static_cast<uInt>(room);
    int rc = inflate(&z, Z_NO_FLUSH);
    out.used(room - z.avail_out);
    if (rc == Z_STREAM_END) return out.take();
    bool full = z.avail_out == 0;
    if (rc != Z_OK && !(rc == Z_BUF_ERROR && full)) return malformed("gzip");
    if (!full && z.avail_in == 0) return malformed("gzip");
    if (!out.grow()) return too_large(bytes_max);
  }
}

Result<void> unsnap_block(ByteView block, size_t bytes_max, ByteVec& out) {
  size_t length = 0;
  const char* data = reinterpret_cast<const char*>(block.data());
  if (!snappy::GetUncompressedLength(data, block.size(), &length)) return malformed("snappy");
  if (length > bytes_max - out.size()) return too_large(bytes_max);
  // A snappy copy element of 3 bytes yields at most 64: a length far above that is a lie, refused before it is
  // allocated.
  if (length > block.size() * 64) return malformed("snappy");
  size_t at = out.size();
  out.resize(at + length);
  if (!snappy::RawUncompress(data, block.size(), reinterpret_cast<char*>(out.data()) + at)) return malformed("snappy");
  return {};
}

Result<ByteVec> unsnap(ByteView in, size_t bytes_max) {
  ByteVec out;
  bool xerial = in.size() >= 16 && std::equal(kXerialMagic.begin(), kXerialMagic.end(), in.begin());
  if (!xerial) {
    if (auto done = unsnap_block(in, bytes_max, out); !done) return std::unexpected(done.error());
    return out;
  }
  Reader reader(in.subspan(16));
  while (reader.remaining() > 0) {
    ByteView block = reader.bytes(reader.be<uint32_t>());
    if (!reader.ok()) return malformed("snappy");
    if (auto done = unsnap_block(block, bytes_max, out); !done) return std::unexpected(done.error());
  }
  return out;
}

Result<ByteVec> unlz4(ByteView in, size_t bytes_max) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)))
    return fail(ErrorCode::kIo, "lz4 out of memory");
  std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context(raw, LZ4F_freeDecompressionContext);
  Inflated out(in.size(), bytes_max);
  size_t at = 0;
  for (;;) {
    size_t produced = out.room();
    size_t consumed = in.size() - at;
    size_t rc = LZ4F_decompress(raw, out.at(), &produced, in.data() + at, &consumed, nullptr);
    if (LZ4F_isError(rc)) return malformed("lz4");
    out.used(produced);
    at += consumed;
    if (rc == 0) return out.take();
    if (out.room() > 0 && at == in.size()) return malformed("lz4");
    if (!out.grow()) return too_large(bytes_max);
  }
}

Result<ByteVec> unzstd(ByteView in, size_t bytes_max) {
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) return fail(ErrorCode::kIo, "zstd out of memory");
  Inflated out(in.size(), bytes_max);
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  for (;;) {
    ZSTD_outBuffer target{out.at(), out.room(), 0};
    size_t rc = ZSTD_decompressStream(context.get(), &target, &source);
    if (ZSTD_isError(rc)) return malformed("zstd");
    out.used(target.pos);
    if (rc == 0 && source.pos == source.size) return out.take();
    if (out.room() > 0 && source.pos == source.size) return malformed("zstd");
    if (!out.grow()) return too_large(bytes_max);
  }
}

Result<ByteVec> gzip(ByteView in) {
  z_stream z{};
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(ErrorCode::kIo, "zlib refused to start");
  std::unique_ptr<z_stream, int (*)(z_stream*)> end(&z, deflateEnd);
  ByteVec out(deflateBound(&z, in.size()));
  z.next_in = const_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) return fail(ErrorCode::kIo, "zlib failed to deflate");
  out.resize(z.total_out);
  return out;
}

Result<ByteVec> snap(ByteView in) {
  ByteVec out(kXerialMagic.begin(), kXerialMagic.end());
  Writer writer(out);
  writer.be(uint32_t{1});  // version, and the oldest version that can read it
  writer.be(uint32_t{1});
  std::string block;
  while (!in.empty()) {
    ByteView raw = in.first(std::min(in.size(), kXerialBlockBytes));
    snappy::Compress(reinterpret_cast<const char*>(raw.data()), raw.size(), &block);
    writer.be(static_cast<uint32_t>(block.size()));
    writer.bytes(block);
    in = in.subspan(raw.size());
  }
  return out;
}

Result<ByteVec> lz4(ByteView in) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  ByteVec out(LZ4F_compressFrameBound(in.size(), &preferences));
  size_t n = LZ4F_compressFrame(out.data(), out.size(), in.data(), in.size(), &preferences);
  if (LZ4F_isError(n)) return fail(ErrorCode::kIo, "lz4 failed to compress");
  out.resize(n);
  return out;
}

Result<ByteVec> zstd(ByteView in) {
  ByteVec out(ZSTD_compressBound(in.size()));
  size_t n = ZSTD_compress(out.data(), out.size(), in.data(), in.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(n)) return fail(ErrorCode::kIo, "zstd failed to compress");
  out.resize(n);
  return out;
}

}  // namespace

Result<ByteVec> decompress(Compression codec, ByteView in, size_t bytes_max) {
  switch (codec) {
    case Compression::kNone:
      if (in.size() > bytes_max) return too_large(bytes_max);
      return ByteVec(in.begin(), in.end());
    case Compression::kGzip: return gunzip(in, bytes_max);
    case Compression::kSnappy: return unsnap(in, bytes_max);
    case Compression::kLz4: return unlz4(in, bytes_max);
    case Compression::kZstd: return unzstd(in, bytes_max);
  }
  return malformed("of a known codec");
}

Result<ByteVec> compress(Compression codec, ByteView in) {
  switch (codec) {
    case Compression::kNone: return ByteVec(in.begin(), in.end());
    case Compression::kGzip: return gzip(in);
    case Compression::kSnappy: return snap(in);
    case Compression::kLz4: return lz4(in);
    case Compression::kZstd: return zstd(in);
  }
  return malformed("of a known codec");
}

}  // namespace godwit::model
