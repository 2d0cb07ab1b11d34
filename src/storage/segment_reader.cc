#include <algorithm>
#include <list>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "storage/read_ahead.h"
#include "storage/segment.h"

namespace godwit::storage {
namespace {

constexpr uint64_t kReadBytesMin = 256_KiB;
/// 24 bytes for 64 KiB: an index of a 1 GiB segment takes 384 KiB, one of 64 MiB takes 24 KiB.
constexpr size_t kIndexesMax = 256;

/// Which batch comes first.
struct From {
  std::optional<Offset> offset;
  int64_t timestamp_ms = 0;

  bool skips(const model::BatchHeader& header) const {
    return offset ? header.end_offset() <= *offset : header.max_timestamp_ms < timestamp_ms;
  }
  /// Where to begin to read, from the segment's begin; nothing when no batch can match.
  std::optional<uint64_t> position(const SegmentIndex& index) const {
    if (offset) {
      auto after = std::ranges::upper_bound(index, *offset, {}, &SegmentIndexEntry::offset);
      return after == index.begin() ? 0 : std::prev(after)->position;
    }
    auto run = std::ranges::find_if(index, [&](const auto& entry) { return entry.max_timestamp_ms >= timestamp_ms; });
    if (run == index.end()) return std::nullopt;
    return run->position;
  }
};

}  // namespace

/// The most recently used indexes first, and where readers left off.
struct SegmentReader::Known {
  using Key = std::pair<std::string, uint64_t>;
  using Shared = std::shared_ptr<const SegmentIndex>;

  Shared find(const Key& key) {
    auto found = by_key.find(key);
    if (found == by_key.end()) return nullptr;
    order.splice(order.begin(), order, found->second);
    return found->second->second;
  }
  void keep(Key key, Shared index) {
    if (by_key.contains(key)) return;
    order.emplace_front(key, std::move(index));
    by_key[std::move(key)] = order.begin();
    if (order.size() <= kIndexesMax) return;
    by_key.erase(order.back().first);
    order.pop_back();
  }

  std::list<std::pair<Key, Shared>> order;
  std::map<Key, std::list<std::pair<Key, Shared>>::iterator> by_key;
  ReadAhead ahead;
};

namespace {

/// One read under way: the index if it is needed, then pieces of the segment until a batch that matches is found.
/// It owns itself through the callbacks that it waits for.
template <class Known>
class Read : public std::enable_shared_from_this<Read<Known>> {
 public:
  Read(BlobStore& blobs, runtime::Executor& on, std::shared_ptr<Known> known, SegmentRef segment, From from,
       uint64_t bytes_max, SegmentReader::OnRead done)
      : blobs_(blobs),
        on_(on),
        known_(std::move(known)),
        segment_(std::move(segment)),
        from_(from),
        bytes_max_(bytes_max),
        done_(std::move(done)) {}

  void start() {
    if (segment_.bytes <= kReadBytesMin) return read_piece(0, segment_.bytes);
    if (from_.offset)
      if (auto place = known_->ahead.take(segment_, *from_.offset)) return go_on(std::move(*place));
    if (auto index = known_->find({segment_.blob, segment_.index_position})) return read_from(*index);
    blobs_.get(segment_.blob, segment_.index_position, segment_.index_bytes, on_,
               [self = this->shared_from_this()](Result<Slice> bytes) { self->on_index(std::move(bytes)); });
  }

 private:
  void on_index(Result<Slice> bytes) {
    if (!bytes) return done_(std::unexpected(bytes.error()));
    Result<SegmentIndex> index = decode_segment_index(*bytes);
    if (!index) return refuse(index.error().code, segment_.index_position, index.error().message);
    auto shared = std::make_shared<const SegmentIndex>(std::move(*index));
    known_->keep({segment_.blob, segment_.index_position}, shared);
    read_from(*shared);
  }

  void read_from(const SegmentIndex& index) {
    std::optional<uint64_t> position = from_.position(index);
    if (!position) return done_(std::vector<model::Batch>{});
    read_piece(*position, std::max(bytes_max_, kReadBytesMin));
  }

  /// Where a read left off before.
  void go_on(ReadAhead::Place place) {
    goes_on_ = true;
    std::shared_ptr<ReadAhead::Piece> piece = std::move(place.piece);
    if (!piece || (piece->bytes && !*piece->bytes))
      return read_piece(place.position, std::max(bytes_max_, kReadBytesMin));
    auto take = [self = this->shared_from_this(), position = place.position,
                 length = piece->length](Result<Slice> bytes) { self->on_piece(position, length, std::move(bytes)); };
    if (!piece->bytes) {
      piece->waiting = std::move(take);
      return;
    }
    on_.post([piece, take = std::move(take)] { take(std::move(*piece->bytes)); });
  }

  /// `position` is that of a batch.
  void read_piece(uint64_t position, uint64_t length) {
    if (position >= segment_.bytes) return done_(std::move(batches_));
    length = std::min(length, segment_.bytes - position);
    blobs_.get(segment_.blob, segment_.position + position, length, on_,
               [self = this->shared_from_this(), position, length](Result<Slice> bytes) {
                 self->on_piece(position, length, std::move(bytes));
               });
  }

  void on_piece(uint64_t position, uint64_t length, Result<Slice> bytes) {
    if (!bytes) return done_(std::unexpected(bytes.error()));
    if (bytes->size() < length)
      return refuse(ErrorCode::kCorrupt, position + bytes->size(), "the blob ends before its segment");
    uint64_t at = 0;
    while (at < length && taken_bytes_ < bytes_max_) {
      if (length - at < model::BatchHeader::kBytes) break;
      ByteView rest = bytes->view().subspan(at);
      Result<model::BatchHeader> header = model::read_batch_header(rest);
      if (!header) return refuse(header.error().code, position + at, header.error().message);
      uint64_t batch_bytes = model::BatchHeader::kBytes + header->payload_bytes;
      if (!from_.skips(*header) || !batches_.empty()) {
        if (batch_bytes > length - at) break;
        Result<model::Batch> batch = model::read_batch(bytes->sub(at, batch_bytes));
        if (!batch) return refuse(batch.error().code, position + at, batch.error().message);
        batches_.push_back(std::move(*batch));
        taken_bytes_ += batch_bytes;
      }
      at += batch_bytes;
    }
    if (!batches_.empty()) return end(position + at);
    next_piece(position + at, position + length, *bytes, at);
  }

  /// The batches up to `position` are there.
  void end(uint64_t position) {
    if (from_.offset && segment_.bytes > kReadBytesMin)
      known_->ahead.leave(segment_, batches_.back().end_offset(), position, goes_on_,
                          std::max(bytes_max_, kReadBytesMin), blobs_, on_);
    done_(std::move(batches_));
  }

  /// Nothing matched yet: on from `next`, of which the piece at hand may hold the beginning.
  void next_piece(uint64_t next, uint64_t read_to, const Slice& bytes, uint64_t at) {
    uint64_t wanted = kReadBytesMin;
    if (next < read_to && read_to - next >= model::BatchHeader::kBytes) {
      Result<model::BatchHeader> header = model::read_batch_header(bytes.view().subspan(at));
      if (header) wanted = std::max(wanted, model::BatchHeader::kBytes + uint64_t{header->payload_bytes});
    }
    if (next < segment_.bytes && next + model::BatchHeader::kBytes > segment_.bytes)
      return refuse(ErrorCode::kCorrupt, next, "the segment ends inside a batch");
    if (read_to == segment_.bytes && next < read_to)
      return refuse(ErrorCode::kCorrupt, next, "the segment ends inside a batch");
    read_piece(next, wanted);
  }

  void refuse(ErrorCode code, uint64_t position, const std::string& why) {
    done_(fail(code, fmt::format("blob {} at offset {}: {}", segment_.blob, segment_.position + position, why)));
  }

  BlobStore& blobs_;
  runtime::Executor& on_;
  std::shared_ptr<Known> known_;
  SegmentRef segment_;
  From from_;
  uint64_t bytes_max_;
  SegmentReader::OnRead done_;
  std::vector<model::Batch> batches_;
  uint64_t taken_bytes_ = 0;
  bool goes_on_ = false;
};

}  // namespace

SegmentReader::SegmentReader(BlobStore& blobs, runtime::Executor& on)
    : blobs_(blobs), on_(on), known_(std::make_shared<Known>()) {}

SegmentReader::~SegmentReader() = default;

void SegmentReader::read(const SegmentRef& segment, Offset from, uint64_t bytes_max, OnRead done) {
  if (from >= segment.end_offset)
    return on_.post([done = std::move(done)]() mutable { done(std::vector<model::Batch>{}); });
  std::make_shared<Read<Known>>(blobs_, on_, known_, segment, From{.offset = from}, std::max<uint64_t>(bytes_max, 1),
                                std::move(done))
      ->start();
}

void SegmentReader::read_at_time(const SegmentRef& segment, int64_t timestamp_ms, OnRead done) {
  if (segment.max_timestamp_ms < timestamp_ms)
    return on_.post([done = std::move(done)]() mutable { done(std::vector<model::Batch>{}); });
  std::make_shared<Read<Known>>(blobs_, on_, known_, segment, From{.timestamp_ms = timestamp_ms}, kReadBytesMin,
                                std::move(done))
      ->start();
}

}  // namespace godwit::storage
