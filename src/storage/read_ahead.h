#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "runtime/executor.h"
#include "storage/blob_store.h"
#include "storage/segment.h"

namespace godwit::storage {

/// Where readers that go through segments are expected next. Who comes back for what follows his last read finds its
/// place without the index, and from the third read on also its bytes, which were read while he was busy.
/// Bounded: the most recent kPlacesMax places, of which kPiecesMax keep up to kPieceBytesMax each. One per worker.
class ReadAhead {
 public:
  static constexpr size_t kPlacesMax = 32;
  static constexpr size_t kPiecesMax = 4;
  static constexpr uint64_t kPieceBytesMax = 1_MiB;

  /// Bytes of a segment that are on their way, or there.
  struct Piece {
    uint64_t length = 0;
    std::optional<Result<Slice>> bytes;
    BlobStore::OnGet waiting;
  };
  struct Place {
    uint64_t position = 0;         ///< of the first batch that was not read, within the segment
    std::shared_ptr<Piece> piece;  ///< from there on; null: not read ahead
  };

  /// The place of a reader that asks for `from`, if he left off there. It is his: nobody else finds it again.
  std::optional<Place> take(const SegmentRef& segment, Offset from);
  /// A read ended before `next`, which stands at `position`. `again`: it began where one had left off. Then up to
  /// `length` bytes from there on are read.
  void leave(const SegmentRef& segment, Offset next, uint64_t position, bool again, uint64_t length, BlobStore& blobs,
             runtime::Executor& on);

 private:
  struct Left {
    std::string blob;
    uint64_t segment;  ///< its position in the blob
    Offset next;
    Place place;
  };
  void drop_oldest_piece();

  std::list<Left> left_;  ///< the most recent first
  size_t pieces_ = 0;
};

}  // namespace godwit::storage
