#include "storage/blob_writer.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/limits.h"

namespace godwit::storage {
namespace {

using Mode = runtime::Disk::Mode;

/// Files from this size on are written past the page cache.
constexpr uint64_t kDirectBytesMin = 256_KiB;
/// One write. Larger ones are no faster.
constexpr size_t kWriteBytes = 1_MiB;

}  // namespace

Result<void> BlobWriter::write(const std::string& path, const std::vector<Slice>& pieces) {
  uint64_t total = 0;
  for (const Slice& piece : pieces) total += piece.size();
  Result<std::unique_ptr<runtime::File>> file = disk_.open(path, Mode::kCreate);
  if (!file) return std::unexpected(file.error());
  buffer_.reserve(std::min<uint64_t>(kWriteBytes, (total + kBlockBytes - 1) / kBlockBytes * kBlockBytes));
  if (total < kDirectBytesMin) {
    if (Result<void> written = write_pieces(**file, 1, **file, pieces); !written) return written;
    return (*file)->sync();
  }
  Result<std::unique_ptr<runtime::File>> direct = disk_.open(path, Mode::kDirect);
  if (!direct) return std::unexpected(direct.error());
  if (Result<void> written = write_pieces(**direct, kBlockBytes, **file, pieces); !written) return written;
  return (*file)->sync();
}

/// `bulk` and `tail` are the same file: what does not fill a unit at the end goes to `tail`.
Result<void> BlobWriter::write_pieces(runtime::File& bulk, size_t unit, runtime::File& tail,
                                      const std::vector<Slice>& pieces) {
  uint64_t position = 0;
  size_t filled = 0;
  for (const Slice& piece : pieces) {
    for (ByteView rest = piece; !rest.empty();) {
      size_t size = std::min(rest.size(), buffer_.capacity() - filled);
      std::memcpy(buffer_.data() + filled, rest.data(), size);
      rest = rest.subspan(size);
      filled += size;
      if (filled < buffer_.capacity()) break;
      if (Result<void> written = bulk.write(position, buffer_.first(filled)); !written) return written;
      position += filled;
      filled = 0;
    }
  }
  size_t whole = filled / unit * unit;
  if (whole > 0)
    if (Result<void> written = bulk.write(position, buffer_.first(whole)); !written) return written;
  if (whole == filled) return {};
  return tail.write(position + whole, ByteView(buffer_.first(filled)).subspan(whole));
}

}  // namespace godwit::storage
