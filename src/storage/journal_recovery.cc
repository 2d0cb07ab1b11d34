#include "storage/journal_recovery.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/codec.h"
#include "storage/block_buffer.h"

namespace godwit::storage {
namespace {

constexpr uint64_t kReadBytes = 4_MiB;

/// The file, read in large pieces that its readers share. Past the page cache: a backlog of a gigabyte costs a tenth of
/// the processor time, and pushes nothing else out.
class ReadWindow {
 public:
  ReadWindow(runtime::File& file, uint64_t file_bytes)
      : file_(file), piece_bytes_(std::min(kReadBytes, file_bytes)), buffer_(piece_bytes_) {}

  /// The bytes [position, position + length), both multiples of kBlockBytes; fewer only at the end of the file.
  Result<Slice> at(uint64_t position, uint64_t length) {
    if (position < begin_ || position + length > begin_ + bytes_.size()) {
      uint64_t piece = std::max(length, piece_bytes_);
      buffer_.reserve(piece);
      Result<size_t> read = file_.read(position, buffer_.first(piece));
      if (!read) return std::unexpected(read.error());
      bytes_ = Slice::copy(buffer_.first(*read));
      begin_ = position;
    }
    uint64_t from = position - begin_;
    return bytes_.sub(from, std::min(length, bytes_.size() - from));
  }

 private:
  runtime::File& file_;
  uint64_t piece_bytes_;
  BlockBuffer buffer_;
  uint64_t begin_ = 0;
  Slice bytes_;
};

class Scan {
 public:
  Scan(runtime::File& file, const Superblock& superblock, const EntryVisitor& visit)
      : superblock_(superblock),
        visit_(visit),
        window_(file, superblock.file_bytes),
        found_{.ring = JournalRing(superblock.ring_begin(), superblock.ring_end(), superblock.tail)} {}

  Result<JournalScan> run() {
    while (true) {
      Result<bool> took = take_next();
      if (!took) return std::unexpected(took.error());
      if (!*took) break;
    }
    if (Result<void> looked = look_ahead(); !looked) return std::unexpected(looked.error());
    return std::move(found_);
  }

 private:
  /// The chunk that should be next is at the head, or at the ring's beginning if it did not fit there.
  Result<bool> take_next() {
    for (uint64_t position : {found_.ring.head(), superblock_.ring_begin()}) {
      ChunkHeader header;
      Result<Slice> chunk = look_at(position, header);
      if (!chunk) return std::unexpected(chunk.error());
      if (chunk->empty()) continue;
      if (Result<void> visited = visit_entries(header, *chunk, position); !visited)
        return std::unexpected(visited.error());
      found_.ring.add(position, header.stored_bytes(), header.crc);
      found_.bytes += header.stored_bytes();
      found_.entries += header.entry_count;
      found_.last_wall_ms = header.wall_ms;
      found_.torn.reset();
      return true;
    }
    return false;
  }

  /// The next chunk's bytes if it is at `position`, else empty; notes it if it is there and torn.
  Result<Slice> look_at(uint64_t position, ChunkHeader& header) {
    uint64_t space = space_at(position);
    if (space < kBlockBytes) return Slice{};
    Result<Slice> block = window_.at(position, kBlockBytes);
    if (!block) return block;
    Result<ChunkHeader> read = read_chunk_header(*block, superblock_.journal_id);
    if (!read && read.error().code == ErrorCode::kUnsupported) return std::unexpected(read.error());
    if (!read || read->seq != found_.ring.next_seq() || read->previous_crc != found_.ring.last_crc()) return Slice{};
    header = *read;
    if (header.stored_bytes() <= space) {
      Result<Slice> chunk = window_.at(position, header.stored_bytes());
      if (!chunk || check_chunk_body(*chunk, header)) return chunk;
    }
    found_.torn = TornChunk{header.seq, position, header.stored_bytes()};
    return Slice{};
  }

  /// Bytes from `position` to the next chunk that is there already, or to the ring's end.
  uint64_t space_at(uint64_t position) const {
    uint64_t tail = found_.ring.protected_position();
    bool before_tail = found_.ring.used_bytes() > 0 && position <= tail;
    return (before_tail ? tail : superblock_.ring_end()) - position;
  }

  Result<void> visit_entries(const ChunkHeader& header, const Slice& chunk, uint64_t position) {
    Slice body = chunk.sub(kChunkHeaderBytes, header.body_bytes);
    Reader in(body);
    for (uint32_t i = 0; i < header.entry_count; ++i) {
      ByteView bytes;
      EntryHeader entry = read_entry(in, bytes);
      if (!in.ok()) break;
      if (Result<void> visited = visit_(header.seq, entry, body.sub(bytes)); !visited) return visited;
    }
    if (in.ok() && in.remaining() == 0) return {};
    return fail(ErrorCode::kCorrupt,
                fmt::format("chunk {} at offset {}: its entries do not add up", header.seq.value, position));
  }

  /// Where one chunk is in flight at a time, a good one cannot follow one that was never durable, and the next one is
  /// as near as the largest is long. Chunks that were not synced may be lost in any order: then the whole ring is
  /// looked at.
  Result<void> look_ahead() {
    bool unsynced = superblock_.unsynced_from.value != 0 && found_.ring.next_seq() >= superblock_.unsynced_from;
    uint64_t reach = std::max<uint64_t>(superblock_.largest_chunk_bytes, kChunkBytesTarget) + kBlockBytes;
    if (unsynced) reach = superblock_.file_bytes;
    for (uint64_t begin : {found_.ring.head(), superblock_.ring_begin()}) {
      uint64_t end = begin + std::min(space_at(begin), reach);
      for (uint64_t position = begin; position < end; position += kBlockBytes) {
        Result<Slice> block = window_.at(position, kBlockBytes);
        if (!block) return std::unexpected(block.error());
        Result<ChunkHeader> header = read_chunk_header(*block, superblock_.journal_id);
        if (!header && header.error().code == ErrorCode::kUnsupported) return std::unexpected(header.error());
        if (!header || header->seq < found_.ring.next_seq()) continue;
        bool is_next = header->seq == found_.ring.next_seq() && header->previous_crc == found_.ring.last_crc();
        if (is_next) {
          found_.torn_places.push_back(position);
          continue;
        }
        if (unsynced) {
          found_.cut_off.push_back(position);
          continue;
        }
        found_.damage = JournalDamage{found_.ring.next_seq(), found_.torn ? found_.torn->position : found_.ring.head(),
                                      header->seq, position};
        return {};
      }
    }
    return {};
  }

  const Superblock& superblock_;
  const EntryVisitor& visit_;
  ReadWindow window_;
  JournalScan found_;
};

}  // namespace

Result<JournalScan> scan_journal(runtime::File& file, const Superblock& superblock, const EntryVisitor& visit) {
  return Scan(file, superblock, visit).run();
}

}  // namespace godwit::storage
