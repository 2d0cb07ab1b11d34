#include "broker/checkpoint.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "broker/broker.h"
#include "broker/shard_image.h"
#include "broker/worker.h"

namespace godwit::broker {

/// What one checkpoint has decided to write, captured at one LSN.
struct Checkpoint::Round {
  uint64_t lsn = 0;
  std::map<PartitionId, std::vector<storage::SegmentRef>> segments;
  std::vector<std::pair<std::string, std::vector<Slice>>> blobs;
  ManifestKeeper::Contribution contribution;
  uint64_t segment_bytes = 0;
  uint64_t snapshot_bytes = 0;
  bool storing = false;
  size_t waiting = 0;
  Result<void> result;
};

namespace {

constexpr int64_t kRetryMs = 1000;
/// One may be bad luck. The journal takes what comes in so many seconds, or publishers wait for them.
constexpr uint32_t kFailuresMax = 3;
constexpr uint64_t kDeadBytesMax = 64_MiB;
constexpr int64_t kDiskPollMs = 1000;
constexpr int64_t kRoomPollMs = 5;
constexpr int64_t kStallPollMs = 100;

/// What has at least this part of a blob's size to write has a blob of its own: a blob goes when all in it has gone,
/// and what one topic keeps must not keep much of another one's.
constexpr uint64_t kSharedParts = 64;

uint64_t bytes_of(const std::vector<model::Batch>& batches) {
  uint64_t bytes = 0;
  for (const model::Batch& batch : batches) bytes += batch.bytes();
  return bytes;
}

uint64_t per_worker(uint64_t bytes, const Options& options) { return bytes / options.workers; }

size_t waiting_bytes(const Envelope& append) { return std::get<model::Append>(append.command).batch.bytes(); }

}  // namespace

bool Checkpoint::wanted() const {
  const Options& options = worker_.options();
  if (worker_.memory().used(Memory::Use::kMessages) > per_worker(options.memory_messages_bytes, options)) return true;
  if (dead_bytes_ > kDeadBytesMax || (disk_short_ && !dead_blobs_.empty())) return true;
  storage::JournalUsage usage = worker_.broker().journal().usage();
  if (failed_) return true;
  if (usage.used_bytes <= usage.capacity_bytes / 2) return false;
  // Only a worker whose chunks are the oldest makes room: also one that has staged nothing since it needed them.
  bool in_the_way = needs_ <= usage.oldest_needed;
  return in_the_way && (worker_.stage().lsn() > last_lsn_ || usage.newest > needs_);
}

void Checkpoint::consider() {
  if (!waiting_.empty() && !congested()) admit_waiting();
  if (!running_ && worker_.now().boot_ms >= not_before_boot_ms_ && wanted()) start();
  rouse_others();
  if (waiting_.empty() || recheck_scheduled_) return;
  // The journal does not say when trimming has made room.
  recheck_scheduled_ = true;
  worker_.call_at(worker_.now().boot_ms + kRoomPollMs, [this] { recheck_scheduled_ = false; });
}

/// A worker with nothing to do may have what is in the way of the journal's next lap, and not look.
void Checkpoint::rouse_others() {
  storage::JournalUsage usage = worker_.broker().journal().usage();
  if (usage.used_bytes <= usage.capacity_bytes / 2 || roused_for_ == usage.oldest_needed) return;
  roused_for_ = usage.oldest_needed;
  for (size_t w = 0; w < worker_.broker().workers(); ++w)
    if (w != worker_.id().value) worker_.broker().run_on(WorkerId(static_cast<uint16_t>(w)), [](Worker&) {});
}

void Checkpoint::run_now(runtime::Task done) {
  when_done_.push_back(std::move(done));
  if (running_)
    again_ = true;
  else
    start();
}

bool Checkpoint::congested() const {
  if (!room_to_append()) return false;  // they are refused, and need not wait for that
  if (worker_.memory().messages_full()) return true;
  storage::JournalUsage usage = worker_.broker().journal().usage();
  return usage.used_bytes > usage.capacity_bytes / 4 * 3;
}

void Checkpoint::wait_for_room(Envelope append) {
  worker_.memory().add(Memory::Use::kWaiting, static_cast<int64_t>(waiting_bytes(append)));
  waiting_.push_back(std::move(append));
}

void Checkpoint::admit_waiting() {
  admitting_ = true;
  while (!waiting_.empty() && !congested()) {
    Envelope e = std::move(waiting_.front());
    waiting_.pop_front();
    worker_.memory().add(Memory::Use::kWaiting, -static_cast<int64_t>(waiting_bytes(e)));
    worker_.partitions().run(e, std::get<model::Append>(e.command));
  }
  admitting_ = false;
}

Result<void> Checkpoint::room_to_append() const {
  if (disk_short_) return fail(ErrorCode::kFull, "the disk is down to its reserve: consume messages, or free space");
  // The journal is everybody's: what one worker cannot move out of it is in the way of all.
  if (worker_.held_for(Worker::Hold::kBlobs))
    return fail(ErrorCode::kFull, fmt::format("the journal cannot be emptied, blobs are not stored{}{}",
                                              stuck_.empty() ? "" : ": ", stuck_));
  return {};
}

void Checkpoint::release(const std::vector<storage::SegmentRef>& dead) {
  for (const storage::SegmentRef& segment : dead) {
    dead_bytes_ += segment.bytes;
    auto it = blob_users_.find(segment.blob);
    CHECK(it != blob_users_.end() && it->second > 0, "segment blob {}", segment.blob);
    if (--it->second > 0) continue;
    dead_blobs_.push_back({segment.blob, worker_.stage().lsn()});
    blob_users_.erase(it);
  }
}

void Checkpoint::start() {
  running_ = true;
  failed_ = false;
  auto round = std::make_shared<Round>();
  round->lsn = worker_.stage().lsn();
  round->contribution.worker = worker_.id();
  round->contribution.dead_blobs = std::exchange(dead_blobs_, {});
  dead_bytes_ = 0;
  ++rounds_;
  write_segments(*round);
  write_snapshots(*round);
  worker_.when_durable(round->lsn, [this, round] { store(round); });
  watch(round);
}

void Checkpoint::watch(std::shared_ptr<Round> round) {
  worker_.call_at(worker_.now().boot_ms + kStallPollMs, [this, round] {
    if (round->storing) return;
    // The journal waits for the room that this round is to make: what it cannot take yet is durable in the snapshots.
    storage::JournalUsage usage = worker_.broker().journal().usage();
    usage.used_bytes > usage.capacity_bytes / 2 ? store(round) : watch(round);
  });
}

void Checkpoint::write_segments(Round& round) {
  std::optional<storage::SegmentWriter> writer;
  std::string key;
  uint64_t blob = 0;
  auto finish = [&] {
    if (!writer) return;
    round.segment_bytes += writer->bytes();
    round.blobs.emplace_back(key, writer->finish());
    writer.reset();
  };
  auto write = [&](PartitionId id, const std::vector<model::Batch>& batches) {
    bool open = false;
    for (const model::Batch& batch : batches) {
      if (writer && writer->bytes() >= worker_.options().segment_bytes_max) {
        if (open) round.segments[id].push_back(writer->end_segment());
        open = false;
        finish();
      }
      if (!writer) {
        key = fmt::format("segment/{}-{}-{}", worker_.broker().blob_prefix(), worker_.id().value,
                          (rounds_ << 16) | blob++);
        writer.emplace(key);
      }
      writer->add(batch);
      open = true;
    }
    if (open) round.segments[id].push_back(writer->end_segment());
  };
  std::vector<std::pair<PartitionId, std::vector<model::Batch>>> small;
  for (auto& [id, p] : worker_.partitions().all()) {
    if (p->is_volatile()) continue;
    std::vector<model::Batch> batches = p->log.needed(round.lsn);
    if (bytes_of(batches) < worker_.options().segment_bytes_max / kSharedParts) {
      if (!batches.empty()) small.emplace_back(id, std::move(batches));
      continue;
    }
    write(id, batches);
    finish();
  }
  for (const auto& [id, batches] : small) write(id, batches);
  finish();
}

void Checkpoint::mark_dirty(const Round& round) {
  // A partition whose messages move to a segment changes its shard's image even if no record did.
  for (auto& [id, segments] : round.segments) worker_.partitions().find(id)->owner->dirty = true;
  Stage& stage = worker_.stage();
  for (ShardId shard : snapshots_.to_move([&](ShardId id) { return stage.shard(id).dirty; }))
    stage.shard(shard).dirty = true;
}

void Checkpoint::write_snapshots(Round& round) {
  std::string key = fmt::format("snapshot/{}-{}-{}", worker_.broker().blob_prefix(), worker_.id().value, rounds_);
  std::vector<Slice> images;
  mark_dirty(round);
  auto segments = segments_of_dirty(worker_, round.segments);
  for (auto& [id, owner] : worker_.stage().shards()) {
    if (!owner->dirty || owner->shard.empty()) continue;
    owner->dirty = false;
    Slice image = Slice::take(encode_shard_image(worker_, *owner, segments[id]));
    round.contribution.shards.push_back({id, key, round.snapshot_bytes, image.size(), owner->shard.seq()});
    round.snapshot_bytes += image.size();
    images.push_back(std::move(image));
  }
  if (!images.empty()) round.blobs.emplace_back(key, std::move(images));
}

void Checkpoint::store(std::shared_ptr<Round> round) {
  if (std::exchange(round->storing, true)) return;
  round->waiting = round->blobs.size() + 1;
  auto stored = [this, round](const Result<void>& result) {
    if (!result && round->result) round->result = result;
    if (--round->waiting > 0) return;
    if (!round->result) {
      abandon(*round);
      return finished(round, round->result);
    }
    install(*round);
    round->contribution.durable_lsn = worker_.stage().durable_lsn();
    worker_.broker().run_on(WorkerId(0), [this, round](Worker& keeper) {
      keeper.broker().manifests().add(std::move(round->contribution), [this, round](const Result<void>& written) {
        worker_.broker().run_on(worker_.id(), [this, round, written](Worker&) { finished(round, written); });
      });
    });
  };
  for (auto& [key, bytes] : round->blobs) worker_.broker().blobs().put(key, std::move(bytes), worker_.loop(), stored);
  stored({});
}

void Checkpoint::abandon(Round& round) {
  std::vector<std::string> keys;
  keys.reserve(round.blobs.size());
  for (auto& [key, bytes] : round.blobs) keys.push_back(std::move(key));
  worker_.broker().blobs().remove(std::move(keys));
  std::vector<ManifestKeeper::DeadBlob>& dead = round.contribution.dead_blobs;
  if (round.result.error().code == ErrorCode::kFull) remove_early(dead);
  std::ranges::move(dead, std::back_inserter(dead_blobs_));
}

/// A manifest that no longer names them has no room. That what is before their logs' starts is gone is durable, so that
/// no start reads it (decision 0010).
void Checkpoint::remove_early(std::vector<ManifestKeeper::DeadBlob>& dead) {
  std::vector<std::string> gone;
  ManifestKeeper::take(dead, worker_.stage().durable_lsn(), gone);
  if (gone.empty()) return;
  worker_.broker().run_on(WorkerId(0), [gone = std::move(gone)](Worker& keeper) mutable {
    keeper.broker().manifests().remove(std::move(gone));
  });
}

void Checkpoint::install(Round& round) {
  storage::ChunkSeq newest_before = worker_.broker().journal().usage().newest;
  for (auto& [id, segments] : round.segments)
    for (const storage::SegmentRef& segment : segments) ++blob_users_[segment.blob];
  for (const storage::ShardSnapshotRef& ref : round.contribution.shards) snapshots_.add(ref, round.snapshot_bytes);
  for (auto& [id, p] : worker_.partitions().all()) {
    if (p->is_volatile()) continue;
    auto written = round.segments.find(id);
    std::vector<storage::SegmentRef> segments;
    if (written != round.segments.end()) segments = std::move(written->second);
    worker_.partitions().add_memory(*p, -static_cast<int64_t>(p->log.replace(round.lsn, std::move(segments))));
    worker_.retention().free_passed(*p);
    if (written != round.segments.end()) round.segments.erase(written);
  }
  // Partitions that were deleted meanwhile.
  for (auto& [id, segments] : round.segments) release(segments);
  needs_ = std::max(needs_, worker_.stage().chunk_bound(round.lsn + 1));
  // Nothing is on its way: whatever this worker stages next lies in later chunks than there are now.
  if (worker_.stage().lsn() == round.lsn) needs_ = std::max(needs_, newest_before);
  round.contribution.needs = needs_;
  plant(round);
  worker_.stage().forget_below(round.lsn + 1);
  worker_.counters().segment_bytes_written += round.segment_bytes;
}

void Checkpoint::plant(Round& round) {
  const testing::Plant bug = worker_.options().plant;
  if (bug == testing::Plant::kTrimTooEarly && worker_.stage().lsn() > round.lsn)
    round.contribution.needs = storage::ChunkSeq(needs_.value + 2);
  if (bug == testing::Plant::kSnapshotAhead)
    for (storage::ShardSnapshotRef& ref : round.contribution.shards)
      ref.seq = worker_.stage().shard(ref.shard).shard.seq();
}

void Checkpoint::finished(std::shared_ptr<Round> round, const Result<void>& result) {
  running_ = false;
  if (result) {
    last_lsn_ = round->lsn;
    ++worker_.counters().checkpoints;
    failures_ = 0;
    set_stuck("");
  } else {
    // Nothing is lost: the journal still has everything. What was stored waits for a manifest that names it, and blobs
    // must not pile up meanwhile; otherwise every shard is written anew next time.
    if (!round->result)
      for (auto& [id, owner] : worker_.stage().shards()) owner->dirty = true;
    failed_ = true;
    not_before_boot_ms_ = worker_.now().boot_ms + kRetryMs;
    worker_.broker().report(result.error());
    if (!disk_short_ && ++failures_ >= kFailuresMax) set_stuck(result.error().message);
    worker_.call_at(not_before_boot_ms_, [] {});
  }
  if (std::exchange(again_, false)) return start();
  for (runtime::Task& task : std::exchange(when_done_, {})) task();
}

void Checkpoint::set_stuck(std::string why) {
  bool was = !stuck_.empty();
  stuck_ = std::move(why);
  bool is = !stuck_.empty();
  if (is == was) return;
  worker_.broker().run_on_each([is](Worker& worker) { worker.hold_publishers(Worker::Hold::kBlobs, is); });
}

void Checkpoint::restart() { poll_disk(); }

void Checkpoint::poll_disk() {
  Result<uint64_t> free = worker_.broker().disk().free_bytes();
  bool was_short = disk_short_;
  disk_short_ = !free || *free < worker_.options().disk_reserve_bytes;
  if (disk_short_ != was_short) worker_.hold_publishers(Worker::Hold::kDisk, disk_short_);
  worker_.call_at(worker_.now().boot_ms + kDiskPollMs, [this] { poll_disk(); });
}

}  // namespace godwit::broker
