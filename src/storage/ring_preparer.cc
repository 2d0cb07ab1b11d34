#include "storage/ring_preparer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/claim.h"
#include "runtime/handover.h"
#include "storage/block_buffer.h"
#include "storage/chunk.h"

namespace godwit::storage {
namespace {

constexpr uint64_t kPieceBytesMax = 1_MiB;
/// Of the ring: small rings in small pieces, so that chunks seldom wait for one.
constexpr uint64_t kPieces = 16;
/// How far ahead of a head that overtook it it goes on.
constexpr uint64_t kLeadPieces = 4;

}  // namespace

/// What a write needs: it may outlive the preparer.
struct RingPreparer::Tools {
  std::unique_ptr<runtime::File> file;
  std::function<void()> wake;
  BlockBuffer zeros;
  runtime::Handover<bool> written;  ///< of the piece that was taken; false: it failed
};

struct RingPreparer::Piece {
  uint64_t begin;
  uint64_t end;
  runtime::Claim claim;  ///< the writer's, or that of the step that wants it no longer
};

RingPreparer::RingPreparer(std::unique_ptr<runtime::File> file, runtime::Executor& io, std::function<void()> wake,
                           uint64_t begin, uint64_t end)
    : io_(io),
      end_(end),
      piece_bytes_(std::min(kPieceBytesMax, round_up_to_block((end - begin) / kPieces + 1))),
      next_(begin) {
  tools_ = std::make_shared<Tools>(std::move(file), std::move(wake), BlockBuffer(piece_bytes_));
  std::ranges::fill(tools_->zeros.first(piece_bytes_), uint8_t{0});
}

RingPreparer::~RingPreparer() { cancel(); }

void RingPreparer::step(uint64_t head) {
  collect();
  if (piece_) return;
  if (lap_ended_) finished_ = true;
  if (given_up_ || finished_) return;
  if (next_ < head) {
    overtaken_ = true;
    next_ = head + kLeadPieces * piece_bytes_;
  }
  if (next_ >= end_) {
    finished_ = !overtaken_;
    return;
  }
  piece_ = std::make_shared<Piece>(next_, std::min(next_ + piece_bytes_, end_));
  io_.post([piece = piece_, tools = tools_] {
    if (!piece->claim.take()) return;
    auto written = tools->file->write(piece->begin, tools->zeros.first(piece->end - piece->begin));
    tools->written.push(written.has_value());
    tools->wake();
  });
}

/// Notes that the piece under way is written.
void RingPreparer::collect() {
  std::vector<bool> written;
  tools_->written.take_all(written);
  if (written.empty()) return;
  if (written.front())
    next_ = piece_->end;
  else
    given_up_ = true;
  piece_.reset();
}

void RingPreparer::cancel() {
  if (piece_ && piece_->claim.take()) piece_.reset();
}

void RingPreparer::end_lap() {
  lap_ended_ = true;
  cancel();
}

bool RingPreparer::make_way(uint64_t begin, uint64_t end) {
  bool apart = !piece_ || end <= piece_->begin || begin >= piece_->end;
  if (apart) return true;
  cancel();
  collect();
  return !piece_;
}

}  // namespace godwit::storage
