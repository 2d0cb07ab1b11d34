#include "sim/faults.h"

#include "sim/replica.h"

namespace godwit::sim {

void Faults::plan_life() {
  if (run_.chance(2)) run_.world.disk().stop_after(1 + run_.below(run_.chance(3) ? 500 : 60));
}

void Faults::act() {
  SimDisk& disk = run_.world.disk();
  if (run_.chance(60)) return disk.set_capacity(disk.used_bytes() + run_.below(400'000));
  if (run_.chance(20)) return disk.set_capacity(disk_bytes_);
  if (run_.chance(60)) return run_.world.hold_journal(static_cast<int64_t>(run_.below(150)));
  if (run_.chance(60)) return run_.world.hold_disk(static_cast<int64_t>(run_.below(250)));
  if (run_.chance(150)) {
    reads_may_fail_ = run_.verdict.reads_fail = true;
    return disk.fail_next_read();
  }
  if (run_.chance(150)) return flip(any_file("blobs/segment"));
  if (flipped_ && run_.chance(30)) return flip_back();
  if (run_.chance(300)) return disk.fail_writes_in("blobs");
  if (run_.chance(40)) return disk.fail_writes_in("");
  if (!run_.chance(400)) return;
  journal_may_fail_ = true;
  run_.chance(2) ? disk.fail_next_sync() : disk.fail_next_write();
}

void Faults::calm() {
  run_.world.disk().stop_after(UINT64_MAX);
  run_.world.disk().set_capacity(disk_bytes_);
  run_.world.disk().work_again();
  flip_back();
}

bool Faults::excuses(const Error& error) const {
  return (reads_may_fail_ && error.code == ErrorCode::kIo) || (damage_may_show_ && error.code == ErrorCode::kCorrupt);
}

void Faults::start() {
  flip_back();
  journal_may_fail_ = reads_may_fail_ = damage_may_show_ = run_.verdict.reads_fail = false;
  run_.world.disk().set_capacity(disk_bytes_);
  run_.world.disk().fail_writes_in("");
  if (run_.chance(3)) run_.world.set_workers(static_cast<uint16_t>(1 + run_.below(3)));
  if (run_.boot > 1 && run_.chance(8)) start_with_flipped_bit();
  if (!run_.verdict.ok()) return;
  if (run_.boot > 1 && run_.chance(6)) return start_with_power_cut();
  if (Result<void> up = run_.world.start(); !up)
    run_.verdict.broken(fmt::format("the broker does not start: {}", up.error().message));
}

void Faults::start_with_power_cut() {
  run_.world.disk().stop_after(run_.below(12));
  Result<void> up = run_.world.start();
  if (up && run_.world.disk().stopped()) run_.crash();
  if (!run_.world.running()) up = run_.world.start();
  if (!up) run_.verdict.broken(fmt::format("the broker does not start again: {}", up.error().message));
  run_.world.disk().stop_after(UINT64_MAX);
}

void Faults::start_with_flipped_bit() {
  constexpr const char* kFolders[] = {"", "blobs/snapshot", "blobs/manifest"};
  std::string folder = kFolders[run_.below(std::size(kFolders))];
  // Chunks that may be unsynced and are not whole count as lost.
  if (folder.empty() && run_.world.durability() == storage::Durability::kOs) return;
  flip(folder.empty() ? "journal" : any_file(folder));
  if (!flipped_) return;
  std::string path = flipped_->path;
  const ByteVec before = folder.empty() ? run_.world.disk().bytes_of("journal") : ByteVec();
  Result<void> up = run_.world.start();
  Replica damaged;
  uint64_t chunks = 0;
  if (up) {
    damaged = replica_of(run_.world);
    chunks = run_.world.node().recovered().chunks;
    run_.world.kill();
  }
  if (folder.empty()) run_.world.disk().put_back("journal", before);  // a torn chunk was wiped
  flip_back();
  if (!up) return;
  up = run_.world.start();
  if (!up) return run_.verdict.broken(fmt::format("the broker does not start: {}", up.error().message));
  if (run_.world.node().recovered().chunks == chunks + 1) return run_.world.kill();  // like a write cut short
  std::string different = difference(replica_of(run_.world), damaged);
  if (!different.empty()) run_.verdict.broken(fmt::format("a flipped bit in {} was not found: {}", path, different));
  run_.world.kill();
}

std::string Faults::any_file(const std::string& folder) {
  Result<std::vector<std::string>> names = run_.world.disk().list(folder);
  if (!names || names->empty()) return {};
  return folder + "/" + (*names)[run_.below(names->size())];
}

void Faults::flip(const std::string& path) {
  if (path.empty() || flipped_) return;
  SimDisk& disk = run_.world.disk();
  for (int tries = 0; tries < 10 && !flipped_; ++tries) {
    uint64_t bytes = disk.size_of(path);
    if (bytes == 0) return;
    Flipped next{path, run_.below(bytes), static_cast<int>(run_.below(8))};
    if (disk.byte_at(path, next.position) == 0 && tries < 9) continue;  // most of the journal is empty
    disk.flip_bit(path, next.position, next.bit);
    flipped_ = next;
    damage_may_show_ = run_.verdict.reads_fail = true;
  }
}

void Faults::flip_back() {
  if (!flipped_) return;
  Flipped last = *std::exchange(flipped_, std::nullopt);
  SimDisk& disk = run_.world.disk();
  if (disk.size_of(last.path) > last.position) disk.flip_bit(last.path, last.position, last.bit);
}

}  // namespace godwit::sim
