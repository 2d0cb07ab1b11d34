#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "base/ids.h"
#include "broker/runtimes.h"

namespace godwit::broker {

class Worker;

/// Messages that are not due yet. They are not in the log: each waits in its shard's schedule (a record) and is
/// appended, with its offset, when its time has come.
class Schedule {
 public:
  explicit Schedule(Worker& worker) : worker_(worker) {}
  /// Takes the messages of a native batch that are not due out of it. False when nothing is left to append.
  bool keep_early(PartitionRuntime& p, model::Batch& batch);
  /// At boot: what was replayed.
  void restart();
  size_t size() const { return due_.size(); }

 private:
  void arm();
  void run();

  struct Key {
    Stage::OwnedShard* owner;
    uint64_t id;
  };
  Worker& worker_;
  std::multimap<int64_t, Key> due_;  ///< by wall time
  int64_t armed_for_ = INT64_MAX;
};

}  // namespace godwit::broker
