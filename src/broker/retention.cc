#include "broker/retention.h"

#include <algorithm>
#include <memory>

#include "broker/broker.h"
#include "broker/worker.h"

namespace godwit::broker {
namespace {

/// Settled messages go in steps: no partition remembers more than about this many moments.
constexpr int64_t kSteps = 64;
constexpr int64_t kStepMinMs = 10;
constexpr int64_t kTimerMaxMs = 24LL * 3600 * 1000;

bool follows_queues(const PartitionRuntime& p) { return p.topic->settings.retention == model::Retention::kSettled; }

bool waits_for_groups(const PartitionRuntime& p) {
  return follows_queues(p) && !p.is_volatile() && p.topic->name.space == kGroupSpace;
}

/// What lies before it every queue has settled and every reader has passed.
Offset passed_by_all(const PartitionRuntime& p) {
  Offset end = p.visible_end;
  for (const QueueRuntime* q : p.queues) end = std::min(end, q->ledger->first_unsettled(p.visible_end));
  for (const auto& [group, position] : p.facts->readers) end = std::min(end, position);
  return end;
}

Offset last_mark(const PartitionRuntime& p) {
  return p.facts->passed.empty() ? p.facts->log_start : p.facts->passed.back().end;
}

ReaderQuery query_of(const PartitionRuntime& p) {
  ReaderQuery query{p.id, p.topic->name.text, {}};
  for (const auto& [group, position] : p.facts->readers) query.known.push_back(group);
  return query;
}

/// Goes through a log's pieces, the oldest first, to where it may start by time and size. A piece is as old as its
/// append, or as its producer says when that is later and not ahead of the clock.
///
/// Clocks are set: an append that is ahead of the clock, or before an earlier one, was not when it says. Such a piece
/// is no younger than what follows, and goes with that. The piece before one whose clock was behind stays with it:
/// nothing else tells the next start.
class Passage {
 public:
  Passage(Offset start, int64_t now_ms, int64_t kept_ms, uint64_t excess)
      : now_ms_(now_ms),
        oldest_ms_(kept_ms < 0 ? INT64_MIN : now_ms - kept_ms),
        excess_(excess),
        start_(start),
        old_end_(start) {}

  void piece(Offset end, uint64_t bytes, int64_t max_ms, int64_t append_ms) {
    if (over_) return;
    bool ahead = append_ms > now_ms_;
    bool behind = append_ms < newest_ms_;
    if (!in_doubt_ && excess_ >= bytes) {
      excess_ -= bytes;
      start_ = old_end_ = end;
      return;
    }
    excess_ = 0;
    in_doubt_ = ahead || behind;
    behind_ |= behind;
    if (in_doubt_) return;
    newest_ms_ = append_ms;
    over_ = (max_ms > now_ms_ ? append_ms : std::max(max_ms, append_ms)) >= oldest_ms_;
    if (over_) return;
    start_ = old_end_;
    old_end_ = end;
    behind_ = false;
  }
  Offset start() const { return behind_ ? start_ : old_end_; }
  /// Nothing follows that says how old the last pieces are.
  bool ends_in_doubt() const { return in_doubt_; }

 private:
  const int64_t now_ms_;
  const int64_t oldest_ms_;
  uint64_t excess_;
  Offset start_;
  Offset old_end_;  ///< of the last piece that is too old
  int64_t newest_ms_ = INT64_MIN;
  bool in_doubt_ = false;
  bool behind_ = false;
  bool over_ = false;
};

}  // namespace

void Retention::start() {
  started_ = true;
  std::vector<ReaderQuery> queries;
  for (auto& [id, p] : worker_.partitions().all()) {
    free_passed(*p);
    if (waits_for_groups(*p)) queries.push_back(query_of(*p));
  }
  ask_readers(std::move(queries));
  check_soon();
}

void Retention::opened(PartitionRuntime& p) {
  if (started_ && waits_for_groups(p)) ask_readers({query_of(p)});
}

void Retention::settings_changed(PartitionRuntime& p) {
  // Nothing derives it any more from what the queues have settled.
  record_start(p);
  if (p.keeps_for_readers()) p.log.keep_from(p.log_start);
  if (waits_for_groups(p)) ask_readers({query_of(p)});
  move_log_start(p);
  let_go(p);
}

void Retention::ask_readers(std::vector<ReaderQuery> queries) {
  if (queries.empty()) return;
  auto shared = std::make_shared<const std::vector<ReaderQuery>>(std::move(queries));
  worker_.broker().run_on_each([shared](Worker& there) { there.groups().tell_readers(*shared); });
}

void Retention::note_reader(PartitionId id, const std::string& group, std::optional<Offset> position) {
  PartitionRuntime* p = worker_.partitions().find(id);
  if (!p || !waits_for_groups(*p)) return;
  auto known = p->facts->readers.find(group);
  if (position ? known != p->facts->readers.end() && known->second == *position : known == p->facts->readers.end())
    return;
  bool kept = p->keeps_for_readers();
  p->owner->shard.emit(engine::ReaderMoved{id, group, position});
  if (!kept && position) p->log.keep_from(std::max(*position, p->log_start));
  move_log_start(*p);
}

void Retention::hold(PartitionId id, const std::string& group) {
  PartitionRuntime* p = worker_.partitions().find(id);
  if (p && !p->facts->readers.contains(group)) note_reader(id, group, p->log_start);
}

void Retention::move_log_start(PartitionRuntime& p) {
  Offset start = p.facts->log_start;
  if (follows_queues(p)) {
    p.passed = passed_by_all(p);
    if (worker_.options().plant == testing::Plant::kForgetReaders && !p.queues.empty())
      p.passed = p.queues.front()->ledger->first_unsettled(p.visible_end);
    if (p.topic->settings.settled_ms == 0)
      start = std::max(start, p.passed);
    else if (p.passed > last_mark(p))
      arm(p, worker_.now().boot_ms + std::max(p.topic->settings.settled_ms / kSteps, kStepMinMs));
    else if (!p.facts->passed.empty() && !p.retention_boot_ms)
      arm(p, worker_.now().boot_ms);
  }
  trim(p, start);
}

void Retention::trim(PartitionRuntime& p, Offset start) {
  if (start <= p.log_start) return;
  p.log_start = start;
  free_passed(p);
}

void Retention::free_passed(PartitionRuntime& p) {
  if (!started_) return;
  std::vector<storage::SegmentRef> dead;
  worker_.partitions().add_memory(p, -static_cast<int64_t>(p.log.trim(p.log_start, dead)));
  if (dead.empty()) return;
  // The start may only follow from what queues have settled: a queue or a retention to come would have it otherwise.
  record_start(p);
  worker_.checkpoint().release(dead);
}

void Retention::record_start(const PartitionRuntime& p) {
  if (p.log_start > p.facts->log_start) p.owner->shard.emit(engine::LogStartMoved{p.id, p.log_start});
}

void Retention::arm(PartitionRuntime& p, int64_t boot_ms) {
  if (p.retention_boot_ms && *p.retention_boot_ms <= boot_ms) return;
  p.retention_boot_ms = boot_ms;
  worker_.call_at(boot_ms, [this, id = p.id, boot_ms] {
    PartitionRuntime* again = worker_.partitions().find(id);
    if (!again || again->retention_boot_ms != boot_ms) return;  // an earlier timer has taken over
    again->retention_boot_ms.reset();
    let_go(*again);
  });
}

void Retention::let_go(PartitionRuntime& p) {
  const int64_t kept_ms = p.topic->settings.settled_ms;
  if (!follows_queues(p) || kept_ms == 0) return;
  Now now = worker_.now();
  engine::Shard& shard = p.owner->shard;
  p.passed = passed_by_all(p);
  if (p.passed > last_mark(p)) shard.emit(engine::Passed{p.id, p.passed, now.wall_ms});
  Offset start = p.log_start;
  int64_t left_ms = kept_ms;
  for (const engine::PassedMark& mark : p.facts->passed) {
    if (mark.wall_ms > now.wall_ms) continue;  // of a clock that was ahead: it goes with what follows
    left_ms = kept_ms - (now.wall_ms - mark.wall_ms);
    if (left_ms > 0) break;
    start = mark.end;
  }
  if (start > p.facts->log_start) shard.emit(engine::LogStartMoved{p.id, start});
  trim(p, start);
  if (p.facts->passed.empty()) return;
  arm(p, now.boot_ms + std::clamp<int64_t>(left_ms, 1, kTimerMaxMs));
}

void Retention::check_soon() {
  worker_.call_at(worker_.now().boot_ms + worker_.options().retention_check_ms, [this] {
    check_all();
    check_soon();
  });
}

void Retention::check_all() {
  Now now = worker_.now();
  for (auto& [id, p] : worker_.partitions().all())
    if (!follows_queues(*p)) enforce(*p, now);
}

void Retention::enforce(PartitionRuntime& p, Now now) {
  const model::TopicSettings& settings = p.topic->settings;
  uint64_t excess = 0;
  if (settings.retention_bytes >= 0 && p.log.bytes() > static_cast<uint64_t>(settings.retention_bytes))
    excess = p.log.bytes() - static_cast<uint64_t>(settings.retention_bytes);
  Passage passage(p.log_start, now.wall_ms, settings.retention_ms, excess);
  p.log.for_each_piece([&](Offset, Offset end, uint64_t bytes, int64_t max_ms, int64_t append_ms) {
    if (end <= p.visible_end) passage.piece(end, bytes, max_ms, append_ms);
  });
  Offset start = passage.start();
  if (settings.retention_ms < 0 || !passage.ends_in_doubt()) {
    p.seen.reset();
  } else if (!p.seen) {
    p.seen = {p.visible_end, now.boot_ms};
  } else if (now.boot_ms - p.seen->since_boot_ms > settings.retention_ms) {
    start = std::max(start, p.seen->end);
    p.seen.reset();
  }
  if (start <= p.log_start) return;
  p.owner->shard.emit(engine::LogStartMoved{p.id, start});
  trim(p, start);
}

}  // namespace godwit::broker
