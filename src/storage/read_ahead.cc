#include "storage/read_ahead.h"

#include <algorithm>
#include <utility>

namespace godwit::storage {

std::optional<ReadAhead::Place> ReadAhead::take(const SegmentRef& segment, Offset from) {
  auto found = std::ranges::find_if(left_, [&](const Left& left) {
    return left.next == from && left.segment == segment.position && left.blob == segment.blob;
  });
  if (found == left_.end()) return std::nullopt;
  Place place = std::move(found->place);
  if (place.piece) --pieces_;
  left_.erase(found);
  return place;
}

void ReadAhead::leave(const SegmentRef& segment, Offset next, uint64_t position, bool again, uint64_t length,
                      BlobStore& blobs, runtime::Executor& on) {
  if (position >= segment.bytes) return;
  left_.push_front({segment.blob, segment.position, next, {position, nullptr}});
  if (left_.size() > kPlacesMax) {
    if (left_.back().place.piece) --pieces_;
    left_.pop_back();
  }
  if (!again) return;
  if (pieces_ == kPiecesMax) drop_oldest_piece();
  ++pieces_;
  auto piece = std::make_shared<Piece>(std::min({length, kPieceBytesMax, segment.bytes - position}));
  left_.front().place.piece = piece;
  blobs.get(segment.blob, segment.position + position, piece->length, on, [piece](Result<Slice> bytes) {
    if (piece->waiting) return piece->waiting(std::move(bytes));
    piece->bytes = std::move(bytes);
  });
}

void ReadAhead::drop_oldest_piece() {
  auto oldest =
      std::find_if(left_.rbegin(), left_.rend(), [](const Left& left) { return left.place.piece != nullptr; });
  oldest->place.piece.reset();
  --pieces_;
}

}  // namespace godwit::storage
