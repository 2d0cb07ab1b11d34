#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "runtime/disk.h"
#include "storage/block_buffer.h"

namespace godwit::storage {

/// Writes and syncs new files made of many pieces. The whole blocks of a large file go past the page cache, through one
/// buffer that is used again and again: what a checkpoint moves out of memory would otherwise cost a fresh page for
/// every block, and its sync would hold up the journal's (docs/decisions/0004).
class BlobWriter {
 public:
  explicit BlobWriter(runtime::Disk& disk) : disk_(disk), buffer_(0) {}

  /// `path` must not exist. Durable on success, but for the folder's entry; after an error part of it may be there.
  Result<void> write(const std::string& path, const std::vector<Slice>& pieces);

 private:
  Result<void> write_pieces(runtime::File& bulk, size_t unit, runtime::File& tail, const std::vector<Slice>& pieces);

  runtime::Disk& disk_;
  BlockBuffer buffer_;
};

}  // namespace godwit::storage
