// Power loss at a random operation, a thousand times: what was reported durable is there, in order, and nothing is that
// was never appended. With durability "os" a kill loses nothing reported, and power loss nothing that was synced.

#include <random>

#include "journal_fixture.h"

namespace godwit::storage {
namespace {

constexpr uint64_t kSeeds = 1000;

class CrashRun {
 public:
  CrashRun(uint64_t seed, Durability durability) : random_(seed), disk_(seed), bench_(disk_, 128_KiB, durability) {}

  /// Chunks that were lost although they were whole.
  uint64_t cut_off() const { return cut_off_; }

  void run() {
    open();
    for (int life = 0; life < 6 && !testing::Test::HasFatalFailure(); ++life) {
      disk_.stop_after(random_() % 60);
      while (!disk_.stopped()) act();
      bench_.journal.reset();
      if (random_() % 4 == 0)
        disk_.kill();
      else
        lose_power();
      if (may_change_) bench_.durability = random_() % 2 == 0 ? Durability::kOs : Durability::kFsync;
      open();
    }
  }

 private:
  struct Appended {
    uint64_t ticket;
    std::string body;
    uint64_t chunk = 0;  ///< 0 until reported durable
  };

  void lose_power() {
    disk_.crash();
    if (bench_.durability == Durability::kFsync) return;
    for (Appended& entry : log_)
      if (entry.ticket > synced_) entry.chunk = 0;
  }

  void act() {
    switch (random_() % 5) {
      case 0:
      case 1: {
        std::string body(random_() % (random_() % 8 == 0 ? 20000 : 600), static_cast<char>('a' + random_() % 26));
        uint64_t ticket = bench_.append(body);
        log_.push_back({ticket, std::move(body)});
        break;
      }
      case 2:
        bench_.journal->step();
        note_durable();
        break;
      case 3: trim(); break;
      case 4: sync(); break;
    }
    if (bench_.journal->usage().used_bytes > 80_KiB) trim();
  }

  bool sync() {
    uint64_t reported = bench_.durable[0].first;
    if (!bench_.sync()) return false;
    synced_ = std::max(synced_, reported);
    note_durable();
    return true;
  }

  void note_durable() {
    auto [ticket, chunk] = bench_.durable[0];
    for (auto entry = log_.rbegin(); entry != log_.rend() && entry->chunk == 0; ++entry)
      if (entry->ticket <= ticket) entry->chunk = chunk;
  }

  void trim() {
    uint64_t newest = bench_.durable[0].second;
    // A checkpoint syncs before it gives up chunks.
    if (newest == 0 || !sync()) return;
    trimmed_ = std::max(trimmed_, newest + 1 - random_() % std::min<uint64_t>(newest + 1, 8));
    bench_.journal->trim(ChunkSeq(trimmed_));
  }

  void open() {
    Result<void> opened = bench_.open();
    ASSERT_TRUE(opened) << opened.error().message;
    cut_off_ += bench_.opened.cut_off;
    // What was seen is a piece of the log: from no later than the trimming to no earlier than the last durable report.
    auto entry = log_.begin();
    if (!bench_.seen.empty()) {
      while (entry != log_.end() && entry->ticket < bench_.seen.front().seq) ++entry;
    } else {
      while (entry != log_.end() && entry->chunk != 0) ++entry;
    }
    for (auto before = log_.begin(); before != entry; ++before)
      ASSERT_TRUE(before->chunk != 0 && before->chunk < trimmed_) << "lost ticket " << before->ticket;
    for (const SeenEntry& seen : bench_.seen) {
      ASSERT_TRUE(entry != log_.end() && entry->ticket == seen.seq && entry->body == seen.body) << "at " << seen.seq;
      ASSERT_TRUE(entry->chunk == 0 || entry->chunk == seen.chunk);
      entry->chunk = seen.chunk;
      ++entry;
    }
    for (auto lost = entry; lost != log_.end(); ++lost) ASSERT_EQ(lost->chunk, 0u) << "lost ticket " << lost->ticket;
    log_.erase(entry, log_.end());
    uint64_t next = bench_.opened.next.value;
    bench_.durable[0] = {log_.empty() ? 0 : log_.back().ticket, next - 1};
    trimmed_ = std::min(trimmed_, next);
    synced_ = log_.empty() ? 0 : log_.back().ticket;
  }

  std::mt19937_64 random_;
  sim::SimDisk disk_;
  JournalBench bench_;
  std::vector<Appended> log_;
  uint64_t trimmed_ = 0;
  uint64_t synced_ = 0;  ///< the last ticket known to be on stable storage
  uint64_t cut_off_ = 0;
  const bool may_change_ = random_() % 3 == 0;
};

TEST(JournalCrash, LosesNothingThatWasReportedDurable) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CrashRun(seed, Durability::kFsync).run();
    if (HasFatalFailure()) return;
  }
}

TEST(JournalCrash, WithoutSyncLosesTheNewestOnlyAndOnlyWithThePower) {
  uint64_t cut_off = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CrashRun run(seed, Durability::kOs);
    run.run();
    if (HasFatalFailure()) return;
    cut_off += run.cut_off();
  }
  EXPECT_GT(cut_off, 5u);
}

}  // namespace
}  // namespace godwit::storage
