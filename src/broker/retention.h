#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/runtimes.h"

namespace godwit::broker {

class Worker;

/// A partition that asks which consumer groups read it.
struct ReaderQuery {
  PartitionId partition;
  std::string topic;
  std::vector<std::string> known;  ///< the groups it waits for so far
};

/// When messages go. With `settled` retention: when every queue has settled them and every consumer group that reads
/// the topic has passed them, `settled_ms` later. With `time` retention: when they are too old or too many.
///
/// Without settled_ms the log's start follows from the ledgers and readers, and no record says it. With it, Passed
/// records say when messages were done with, in steps of a 64th of settled_ms, and LogStartMoved that they are gone.
class Retention {
 public:
  explicit Retention(Worker& worker) : worker_(worker) {}

  /// Boot: the checks of time and size begin, and readers are looked up that a crash has separated from their groups.
  void start();
  /// A partition is new; its topic may have been waited for by groups.
  void opened(PartitionRuntime& p);
  void settings_changed(PartitionRuntime& p);
  /// A queue's offsets were settled, a reader moved, messages became visible: frees what nobody needs any more.
  void move_log_start(PartitionRuntime& p);
  /// Frees memory and segments before the log's start. With a segment goes the means to start anywhere before its end,
  /// so that a record says where the log starts.
  void free_passed(PartitionRuntime& p);
  /// A group committed a position, or (none) it no longer reads the partition.
  void note_reader(PartitionId id, const std::string& group, std::optional<Offset> position);
  /// A group subscribes to the topic: what is retained now is kept for it, unless it has a position already.
  void hold(PartitionId id, const std::string& group);

 private:
  void check_soon();
  /// Time and size retention of every partition.
  void check_all();
  void enforce(PartitionRuntime& p, Now now);
  void ask_readers(std::vector<ReaderQuery> queries);
  void trim(PartitionRuntime& p, Offset start);
  static void record_start(const PartitionRuntime& p);
  /// Of a topic that keeps settled messages for a while.
  void arm(PartitionRuntime& p, int64_t boot_ms);
  void let_go(PartitionRuntime& p);

  Worker& worker_;
  bool started_ = false;
};

}  // namespace godwit::broker
