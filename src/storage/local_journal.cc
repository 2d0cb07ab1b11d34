#include "storage/local_journal.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "storage/damage.h"
#include "storage/journal_file.h"

namespace godwit::storage {
namespace {

constexpr uint64_t kFileBytesMin = 64_KiB;
/// A superblock rides with a chunk's sync when it would free this part of the ring, so that a full ring seldom has to
/// wait for a sync of its own.
constexpr uint64_t kReleaseParts = 8;

std::unexpected<Error> begins_too_late(ChunkSeq from, const LocalJournalOptions& options) {
  std::string wanted = options.wanted_by.empty()
                           ? "there is no manifest in blobs/manifest to say where the ones before are"
                           : fmt::format("{} asks for chunk {}", options.wanted_by, options.from_at_most.value);
  return unreadable(kJournalFile,
                    {ErrorCode::kCorrupt, fmt::format("begins with chunk {}, but {}", from.value, wanted)});
}

std::unexpected<Error> damaged(const JournalDamage& damage) {
  std::string later = damage.later_position ? fmt::format("at offset {} is whole", *damage.later_position)
                                            : std::string("is named by the manifest");
  return fail(ErrorCode::kCorrupt,
              fmt::format("{}: chunk {} at offset {} is damaged or missing: chunk {}, which comes after it, {}. Start "
                          "with --repair to keep a copy of the file and go on with what precedes.",
                          kJournalFile, damage.seq.value, damage.position, damage.later_seq.value, later));
}

/// Damage that a later chunk shows, or the manifest alone.
std::optional<JournalDamage> find_damage(const JournalScan& scan, ChunkSeq next_at_least) {
  if (scan.damage || scan.ring.next_seq() >= next_at_least) return scan.damage;
  return JournalDamage{scan.ring.next_seq(), scan.ring.head(), next_at_least, std::nullopt};
}

Result<FoundSuperblock> load_superblock(runtime::Disk& disk) {
  Result<std::unique_ptr<runtime::File>> file = disk.open(kJournalFile, runtime::Disk::Mode::kRead);
  if (!file) return std::unexpected(file.error());
  return read_superblock(**file);
}

}  // namespace

Result<LocalJournal::Opened> LocalJournal::open(runtime::Disk& disk, LocalJournalOptions options,
                                                const EntryVisitor& visit) {
  if (options.file_bytes % kBlockBytes != 0 || options.file_bytes < kFileBytesMin)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the journal's size {} is no multiple of 4 KiB from 64 KiB on", options.file_bytes));
  if (Result<void> made = make_journal_file(disk, options.file_bytes, options.boot_id); !made)
    return std::unexpected(made.error());
  Result<FoundSuperblock> found = load_superblock(disk);
  if (!found) return unreadable(kJournalFile, found.error());
  Superblock& superblock = found->superblock;
  if (superblock.tail.seq > options.from_at_most) return begins_too_late(superblock.tail.seq, options);
  // Past the page cache: after a failed sync that may show what the disk does not have.
  Result<std::unique_ptr<runtime::File>> file = disk.open(kJournalFile, runtime::Disk::Mode::kDirect);
  if (!file) return std::unexpected(file.error());
  Result<JournalScan> scan = scan_journal(**file, superblock, visit);
  if (!scan) return unreadable(kJournalFile, scan.error());
  Opened opened{.chunks = scan->ring.next_seq().value - superblock.tail.seq.value,
                .entries = scan->entries,
                .bytes = scan->bytes,
                .last_wall_ms = scan->last_wall_ms,
                .torn = scan->torn,
                .cut_off = scan->cut_off.size(),
                .damaged_superblock_at = found->damaged_at,
                .repaired = find_damage(*scan, options.next_at_least)};
  if (opened.repaired) {
    if (!options.repair) return damaged(*opened.repaired);
    Result<std::string> copy = repair_journal_file(disk, options.next_at_least, superblock, scan->ring);
    if (!copy) return std::unexpected(copy.error());
    opened.damaged_copy = *copy;
  }
  opened.next = scan->ring.next_seq();

  opened.journal.reset(new LocalJournal(std::move(*file), std::move(options), superblock, std::move(scan->ring)));
  std::vector<uint64_t> dead = std::move(scan->cut_off);
  dead.insert(dead.end(), scan->torn_places.begin(), scan->torn_places.end());
  if (Result<void> begun = opened.journal->begin_boot(dead); !begun) return std::unexpected(begun.error());
  opened.boots = opened.journal->superblock_.boots;
  if (opened.journal->options_.durability == Durability::kOs) {
    // What is not synced is left to the page cache.
    file = disk.open(kJournalFile, runtime::Disk::Mode::kReadWrite);
    if (!file) return std::unexpected(file.error());
    opened.journal->file_ = std::move(*file);
  }
  return opened;
}

/// Before the first append: what was read is on stable storage, what was cut off cannot come back, and the superblock
/// counts this start and says how this one reports.
Result<void> LocalJournal::begin_boot(const std::vector<uint64_t>& dead) {
  if (Result<void> wiped = wipe(dead); !wiped) return wiped;
  if (Result<void> renewed = renew_unsynced(); !renewed) return renewed;
  // A superblock must not say that chunks are synced before they are.
  bool was_unsynced = superblock_.unsynced_from.value != 0;
  if (was_unsynced)
    if (Result<void> synced = sync_file(); !synced) return synced;
  synced_to_ = ring_.next_seq();
  ++superblock_.boots;
  superblock_.prepared |= ring_.wrapped();
  // Both copies, if the older one takes gaps for loss.
  for (int copy = 0; copy < (was_unsynced ? 2 : 1); ++copy) {
    if (Result<void> written = write_superblock(0); !written) return written;
    if (Result<void> synced = sync_file(); !synced) return synced;
  }
  return {};
}

/// Synced by itself: the superblock that comes next may no longer say that the chunks were never synced.
Result<void> LocalJournal::wipe(const std::vector<uint64_t>& dead) {
  if (dead.empty()) return {};
  std::fill_n(buffer_.data(), kBlockBytes, uint8_t{0});
  for (uint64_t position : dead)
    if (Result<void> written = file_->write(position, buffer_.first(kBlockBytes)); !written) return written;
  return sync_file();
}

/// After a mere kill the newest chunk may have been read from memory only: nobody may build on it before it is durable.
/// If its sync had failed the system may even take it for written, and a sync alone would do nothing for it: it is
/// written again, and so are all that were never synced. They stay the same bytes, so that nothing is at risk
/// meanwhile.
Result<void> LocalJournal::renew_unsynced() {
  ChunkSeq from(ring_.next_seq().value - 1);
  if (superblock_.unsynced_from.value != 0) from = std::min(from, superblock_.unsynced_from);
  Result<void> renewed;
  ring_.for_each_place(from, [&](uint64_t position, uint64_t end) {
    while (renewed && position < end) {
      size_t bytes = std::min<uint64_t>(end - position, chunk_bytes_target_);
      renewed = renew(position, bytes);
      position += bytes;
    }
  });
  return renewed;
}

Result<void> LocalJournal::renew(uint64_t position, size_t bytes) {
  Result<size_t> read = file_->read(position, buffer_.first(bytes));
  if (!read) return std::unexpected(read.error());
  if (*read != bytes) return fail(ErrorCode::kCorrupt, fmt::format("{} is cut short", kJournalFile));
  return file_->write(position, buffer_.first(bytes));
}

LocalJournal::LocalJournal(std::unique_ptr<runtime::File> file, LocalJournalOptions options, Superblock superblock,
                           JournalRing ring)
    : file_(std::move(file)),
      options_(std::move(options)),
      superblock_(superblock),
      ring_(std::move(ring)),
      chunk_bytes_target_(
          std::min<uint64_t>(kChunkBytesTarget, round_up_to_block(ring_.capacity_bytes() / kReleaseParts))),
      buffer_(chunk_bytes_target_),
      superblock_buffer_(kBlockBytes) {
  publish_usage();
}

void LocalJournal::start(OnDurable on_durable, std::function<void()> wake) {
  on_durable_ = std::move(on_durable);
  wake_ = std::move(wake);
}

Result<void> LocalJournal::prepare(runtime::Disk& disk, runtime::Executor& io) {
  if (superblock_.prepared || options_.durability == Durability::kOs) return {};
  Result<std::unique_ptr<runtime::File>> file = disk.open(kJournalFile, runtime::Disk::Mode::kDirect);
  if (!file) return std::unexpected(file.error());
  preparer_ = std::make_unique<RingPreparer>(std::move(*file), io, wake_, ring_.head(), superblock_.ring_end());
  wake_();
  return {};
}

Result<void> LocalJournal::go_on_preparing() {
  if (!preparer_ || fenced_) return {};
  preparer_->step(ring_.head());
  if (!preparer_->finished()) return {};
  preparer_.reset();
  superblock_.prepared = true;
  if (Result<void> written = write_superblock(0); !written) return written;
  return sync_file();
}

size_t LocalJournal::append_bytes_max() const {
  return std::min<uint64_t>(ring_.capacity_bytes() / 4, kChunkBytesMax) - kBlockBytes;
}

void LocalJournal::append(WorkerId worker, uint64_t ticket, StagedEntries entries) {
  CHECK(entries.bytes() <= std::min<uint64_t>(ring_.capacity_bytes() / 2, kChunkBytesMax) - kBlockBytes, "{} bytes",
        entries.bytes());
  handover_.push({worker, ticket, std::move(entries)});
  wake_();
}

void LocalJournal::trim(ChunkSeq oldest_needed) {
  trim_to_.raise(oldest_needed.value);
  wake_();
}

void LocalJournal::sync(std::move_only_function<void(Result<void>)> done) {
  if (options_.durability == Durability::kFsync) return done({});
  syncs_wanted_.push(std::move(done));
  wake_();
}

void LocalJournal::answer_syncs() {
  std::vector<std::move_only_function<void(Result<void>)>> wanted;
  syncs_wanted_.take_all(wanted);
  if (wanted.empty()) return;
  Result<void> synced;
  if (!fenced_ && synced_to_ < ring_.next_seq()) {
    synced = sync_file();
    // What whoever asked now relies on is no longer taken for loss when it is damaged.
    if (synced) synced = write_superblock(0);
    if (synced) synced = sync_file();
  }
  if (!synced) fence(synced.error());
  if (fenced_) synced = std::unexpected(*fenced_);
  for (auto& done : wanted) done(synced);
}

JournalUsage LocalJournal::usage() const {
  return {ring_.capacity_bytes(), used_bytes_.get(), ChunkSeq(trim_to_.get()), ChunkSeq(newest_.get())};
}

JournalCounters LocalJournal::counters() const {
  return {chunks_.get(), bytes_.get(), syncs_.get(), superblocks_.get(), stalls_.get()};
}

bool LocalJournal::step() {
  handover_.take_all(taken_);
  for (Pending& pending : taken_) pending_.push_back(std::move(pending));
  taken_.clear();
  answer_syncs();
  if (Result<void> prepared = go_on_preparing(); !prepared) fence(prepared.error());
  if (fenced_) {
    report(pending_.size(), std::unexpected(*fenced_));
    return false;
  }
  ring_.trim(ChunkSeq(trim_to_.get()));
  publish_usage();
  if (!pending_.empty()) return write_chunk();
  // With nothing else to do, a start after this moment is spared what is not needed.
  if (ring_.releasable_bytes() > 0) release_trimmed();
  return false;
}

LocalJournal::Group LocalJournal::next_group(size_t bytes_target) const {
  Group group;
  for (const Pending& pending : pending_) {
    if (group.appends > 0 && kChunkHeaderBytes + group.body_bytes + pending.entries.bytes() > bytes_target) break;
    group.body_bytes += pending.entries.bytes();
    group.entries += pending.entries.count();
    ++group.appends;
  }
  return group;
}

bool LocalJournal::write_chunk() {
  Group group = next_group(chunk_bytes_target_);
  if (group.entries == 0) {  // nothing to write: as durable as what was written before
    report(group.appends, ChunkSeq(ring_.next_seq().value - 1));
    return true;
  }
  std::optional<uint64_t> position = make_room(group.stored_bytes());
  if (!position && !fenced_ && group.appends > 1) {
    group = next_group(0);
    if (group.entries > 0) position = ring_.place(group.stored_bytes());
  }
  if (!position) return false;
  return write_group(group, *position);
}

bool LocalJournal::write_group(const Group& group, uint64_t position) {
  ChunkSeq seq = ring_.next_seq();
  uint64_t stored_bytes = group.stored_bytes();
  if (preparer_ && !preparer_->make_way(position, position + stored_bytes)) return false;
  if (preparer_ && position < ring_.head()) preparer_->end_lap();
  ChunkHeader header = fill_buffer(group);
  bool release = ring_.releasable_bytes() >= ring_.capacity_bytes() / kReleaseParts;
  JournalTail tail = ring_.needed_tail();
  bool superblock_due =
      release || stored_bytes > std::max<uint64_t>(superblock_.largest_chunk_bytes, kChunkBytesTarget);
  if (superblock_due)
    if (Result<void> written = write_superblock(stored_bytes); !written) return fence(written.error());
  if (Result<void> written = file_->write(position, buffer_.first(stored_bytes)); !written)
    return fence(written.error());
  if (superblock_due || options_.durability == Durability::kFsync)
    if (Result<void> synced = sync_file(); !synced) return fence(synced.error());

  if (superblock_due) ring_.release(tail);
  ring_.add(position, stored_bytes, header.crc);
  if (buffer_.capacity() > 2 * chunk_bytes_target_) buffer_ = BlockBuffer(chunk_bytes_target_);
  chunks_.add(1);
  bytes_.add(stored_bytes);
  publish_usage();
  report(group.appends, seq);
  return true;
}

/// Where the chunk goes, or nothing: the ring is full (wait for trim), or the journal has just been fenced.
std::optional<uint64_t> LocalJournal::make_room(uint64_t stored_bytes) {
  std::optional<uint64_t> position = ring_.place(stored_bytes);
  if (!position && ring_.releasable_bytes() > 0) {
    if (!release_trimmed()) return std::nullopt;
    position = ring_.place(stored_bytes);
  }
  if (!position && !stalled_) stalls_.add(1);
  stalled_ = !position;
  return position;
}

/// With a superblock of its own. False: the journal has just been fenced.
bool LocalJournal::release_trimmed() {
  JournalTail tail = ring_.needed_tail();
  Result<void> durable = write_superblock(0);
  if (durable) durable = sync_file();
  if (!durable) return fence(durable.error());
  ring_.release(tail);
  return true;
}

ChunkHeader LocalJournal::fill_buffer(const Group& group) {
  ChunkHeader header{.seq = ring_.next_seq(),
                     .boot_id = options_.boot_id,
                     .previous_crc = ring_.last_crc(),
                     .body_bytes = static_cast<uint32_t>(group.body_bytes),
                     .entry_count = group.entries,
                     .wall_ms = options_.wall_ms()};
  uint64_t stored_bytes = header.stored_bytes();
  buffer_.reserve(stored_bytes);
  uint8_t* at = buffer_.data() + kChunkHeaderBytes;
  for (size_t i = 0; i < group.appends; ++i) at = pending_[i].entries.copy_to(at);
  seal_chunk(buffer_.first(kChunkHeaderBytes + group.body_bytes), superblock_.journal_id, header);
  std::fill(at, buffer_.data() + stored_bytes, uint8_t{0});
  return header;
}

/// The older copy is overwritten; it counts once the file is synced.
Result<void> LocalJournal::write_superblock(uint64_t chunk_bytes) {
  Superblock next = superblock_;
  ++next.update;
  next.largest_chunk_bytes = std::max(next.largest_chunk_bytes, chunk_bytes);
  next.tail = ring_.needed_tail();
  next.unsynced_from = options_.durability == Durability::kOs ? synced_to_ : ChunkSeq(0);
  ByteVec bytes = encode_superblock(next);
  std::ranges::copy(bytes, superblock_buffer_.data());
  Result<void> written = file_->write(next.copy_position(), superblock_buffer_.first(kBlockBytes));
  if (written) superblock_ = next;
  superblocks_.add(1);
  return written;
}

Result<void> LocalJournal::sync_file() {
  syncs_.add(1);
  Result<void> synced = file_->sync();
  if (synced) synced_to_ = ring_.next_seq();
  return synced;
}

/// Tells each worker about its last ticket among the first `appends`, which are done with.
void LocalJournal::report(size_t appends, const Result<ChunkSeq>& result) {
  reports_.clear();
  for (size_t i = 0; i < appends; ++i) {
    const Pending& pending = pending_[i];
    auto known = std::ranges::find(reports_, pending.worker, &std::pair<WorkerId, uint64_t>::first);
    if (known == reports_.end())
      reports_.emplace_back(pending.worker, pending.ticket);
    else
      known->second = pending.ticket;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(appends));
  for (auto [worker, ticket] : reports_) on_durable_(worker, ticket, result);
}

/// What a failed write or sync left on the disk is unknown, so nothing is ever written behind it.
bool LocalJournal::fence(Error error) {
  error.message = fmt::format("the journal is fenced: {}", error.message);
  fenced_ = std::move(error);
  report(pending_.size(), std::unexpected(*fenced_));
  return false;
}

void LocalJournal::publish_usage() {
  used_bytes_.set(ring_.used_bytes());
  newest_.set(ring_.next_seq().value - 1);
}

}  // namespace godwit::storage
