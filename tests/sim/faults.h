#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "sim/run.h"

namespace godwit::sim {

// What a simulation does to the broker, and what the broker must make of it. How the disk behaves: sim_disk.h.
//
//  1. Power fails at any operation of the disk, also while the broker starts.
//     Survived: what was confirmed is there after the next start. With durability "os" (decision 0007) the newest of it
//     may be gone: all from one moment on, which the leader epochs tell, and nothing of it comes back.
//  2. The process is killed between any two tasks.  Survived, likewise.
//  3. A sync or a write fails, of the journal or of a blob.
//     Of the journal: the broker stops by itself and confirms nothing more; a restart loses nothing.
//     Of a blob: the checkpoint is done again; nobody notices. Of all blobs for a while: as when the disk is full.
//  4. A read fails.  Its caller is told; the next read works. The broker goes on.
//  5. The disk fills up in the middle, and is freed.
//     Publishers are refused or wait; nothing else stops, and nobody waits for ever.
//  6. The journal's sync, or the work on blobs, takes long.  Nothing but time is lost.
//  7. A bit of a segment, a snapshot, a manifest or the journal flips.
//     Found: a reader gets an error or the message that was written, never another; a start is refused, or loses at
//     most the journal's last chunk, which it reports. When the bit is back (a copy is restored), all is there.
//
// Not injected, hence not promised: a disk that loses what it reported to be synced, and clocks that run backwards.

/// Injects them as the seed wants it.
class Faults {
 public:
  explicit Faults(Run& run) : run_(run), disk_bytes_(64_MiB) {}

  /// Of the life that begins: whether and when the power will fail.
  void plan_life();
  /// Between two actions: sometimes something happens.
  void act();
  /// From now on the disk is well.
  void calm();
  /// Starts the broker, often not undisturbed.
  void start();
  /// A read may fail, or find damage: a refusal is none of the broker's fault.
  bool excuses(const Error& error) const;
  bool disturbs_reads() const { return reads_may_fail_ || damage_may_show_; }
  /// The broker stopped by itself because of a fault.
  bool broke_broker() const { return journal_may_fail_; }

 private:
  void start_with_power_cut();
  void start_with_flipped_bit();
  void flip(const std::string& path);
  void flip_back();
  std::string any_file(const std::string& folder);

  Run& run_;
  uint64_t disk_bytes_;
  bool journal_may_fail_ = false;
  bool reads_may_fail_ = false;
  bool damage_may_show_ = false;  ///< also to a read that was under way when the bit flipped back
  struct Flipped {
    std::string path;
    uint64_t position;
    int bit;
  };
  std::optional<Flipped> flipped_;
};

}  // namespace godwit::sim
