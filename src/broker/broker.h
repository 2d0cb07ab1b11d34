#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/counters.h"
#include "broker/envelope.h"
#include "broker/manifest_keeper.h"
#include "broker/options.h"
#include "runtime/disk.h"
#include "runtime/loop.h"
#include "storage/blob_store.h"
#include "storage/journal.h"

namespace godwit::broker {

class Worker;

/// The broker: its workers over one journal and one blob store. No globals, signals or exits, so two fit in a process.
/// Node (broker/node.h) puts it together with a data directory.
class Broker {
 public:
  /// The environment failed the broker: a fenced journal, a damaged segment. It must be stopped; a restart recovers.
  using OnFailure = std::function<void(const Error&)>;
  /// Something an operator should know that does not stop the broker.
  using OnReport = std::function<void(const Error&)>;
  /// Publishers of the whole broker are held back for a reason, or no longer are for it. On worker 0's loop.
  using OnHold = std::function<void(std::string_view reason, bool held)>;

  Broker(Options options, storage::BlobStore& blobs, runtime::Disk& disk, std::vector<runtime::Loop*> loops,
         OnFailure on_failure, OnReport on_report);
  ~Broker();

  const Options& options() const { return options_; }
  storage::Journal& journal() { return *journal_; }
  storage::BlobStore& blobs() { return blobs_; }
  runtime::Disk& disk() { return disk_; }
  Worker& worker(WorkerId id) { return *workers_[id.value]; }
  size_t workers() const { return workers_.size(); }
  WorkerId owner_of(ShardId shard) const { return WorkerId(static_cast<uint16_t>(shard.value % workers_.size())); }

  /// The end of recovery: later entries go there.
  void attach(storage::Journal& journal) { journal_ = &journal; }
  /// Each worker's timers and deliveries begin, on its loop.
  void start();

  /// Hands mail to another worker's loop.
  void send(WorkerId to, Mail mail);
  /// Runs `task` on a worker's loop.
  void run_on(WorkerId worker, std::move_only_function<void(Worker&)> task);
  /// The same on every worker's loop, in the order of their ids; each has its own copy.
  void run_on_each(const std::function<void(Worker&)>& task);
  /// For Journal::OnDurable.
  void on_durable(WorkerId worker, uint64_t ticket, Result<storage::ChunkSeq> seq);
  /// Makes blob keys of this boot unlike those of any other.
  const std::string& blob_prefix() const { return blob_prefix_; }
  void set_blob_prefix(std::string prefix) { blob_prefix_ = std::move(prefix); }
  /// One higher with each start on the same data, from 0.
  int32_t leader_epoch() const { return leader_epoch_; }
  void set_leader_epoch(int32_t epoch) { leader_epoch_ = epoch; }
  ManifestKeeper& manifests() { return manifests_; }
  void fail(const Error& error) { on_failure_(error); }
  void report(const Error& error) { on_report_(error); }
  /// Before the loops run.
  void set_on_hold(OnHold on_hold) { on_hold_ = std::move(on_hold); }
  void report_hold(std::string_view reason, bool held) {
    if (on_hold_) on_hold_(reason, held);
  }

 private:
  Options options_;
  storage::Journal* journal_ = nullptr;
  storage::BlobStore& blobs_;
  runtime::Disk& disk_;
  std::vector<runtime::Loop*> loops_;
  OnFailure on_failure_;
  OnReport on_report_;
  OnHold on_hold_;
  std::vector<std::unique_ptr<Worker>> workers_;
  ManifestKeeper manifests_;
  std::string blob_prefix_;
  int32_t leader_epoch_ = 0;
};

}  // namespace godwit::broker
