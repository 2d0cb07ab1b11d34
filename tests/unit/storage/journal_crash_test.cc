// Power loss at a random operation, a thousand times: what was reported durable is there, in order, and nothing is that
// was never appended.

#include <random>

#include "journal_fixture.h"

namespace godwit::storage {
namespace {

constexpr uint64_t kSeeds = 1000;

class CrashRun {
 public:
  explicit CrashRun(uint64_t seed) : random_(seed), disk_(seed), bench_(disk_, 128_KiB) {}

  void run() {
    open();
    for (int life = 0; life < 6 && !testing::Test::HasFatalFailure(); ++life) {
      disk_.stop_after(random_() % 60);
      while (!disk_.stopped()) act();
      bench_.journal.reset();
      if (random_() % 4 == 0)
        disk_.kill();
      else
        disk_.crash();
      open();
    }
  }

 private:
  struct Appended {
    uint64_t ticket;
    std::string body;
    uint64_t chunk = 0;  ///< 0 until reported durable
  };

  void act() {
    switch (random_() % 4) {
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
    }
    if (bench_.journal->usage().used_bytes > 80_KiB) trim();
  }

  void note_durable() {
    auto [ticket, chunk] = bench_.durable[0];
    for (auto entry = log_.rbegin(); entry != log_.rend() && entry->chunk == 0; ++entry)
      if (entry->ticket <= ticket) entry->chunk = chunk;
  }

  void trim() {
    uint64_t newest = bench_.durable[0].second;
    if (newest == 0) return;
    trimmed_ = std::max(trimmed_, newest + 1 - random_() % std::min<uint64_t>(newest + 1, 8));
    bench_.journal->trim(ChunkSeq(trimmed_));
  }

  void open() {
    Result<void> opened = bench_.open();
    ASSERT_TRUE(opened) << opened.error().message;
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
    if (!log_.empty()) bench_.durable[0] = {log_.back().ticket, next - 1};
    trimmed_ = std::min(trimmed_, next);
  }

  std::mt19937_64 random_;
  sim::SimDisk disk_;
  JournalBench bench_;
  std::vector<Appended> log_;
  uint64_t trimmed_ = 0;
};

TEST(JournalCrash, LosesNothingThatWasReportedDurable) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CrashRun(seed).run();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace godwit::storage
