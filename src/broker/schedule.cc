#include "broker/schedule.h"

#include "base/check.h"
#include "broker/worker.h"
#include "model/native_message.h"

namespace godwit::broker {

bool Schedule::keep_early(PartitionRuntime& p, model::Batch& batch) {
  if (batch.header.encoding != model::Encoding::kNative) return true;
  int64_t now = worker_.now().wall_ms;
  model::NativeBatchBuilder due;
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  bool early = false;
  while (in.next(m)) {
    if (!m.deliver_at_ms || *m.deliver_at_ms <= now) {
      due.add(m);
      continue;
    }
    early = true;
    model::NativeBatchBuilder one;
    one.add(m);
    uint64_t id = p.owner->shard.next_schedule_id();
    p.owner->shard.emit(engine::Scheduled{id, p.id, *m.deliver_at_ms}, one.seal(batch.header.max_timestamp_ms));
    due_.emplace(*m.deliver_at_ms, Key{p.owner, id});
  }
  if (!early) return true;
  arm();
  if (due.empty()) return false;
  batch = due.seal(batch.header.max_timestamp_ms);
  return true;
}

void Schedule::arm() {
  if (due_.empty() || due_.begin()->first >= armed_for_) return;
  armed_for_ = due_.begin()->first;
  Now now = worker_.now();
  worker_.call_at(now.boot_ms + std::max<int64_t>(0, armed_for_ - now.wall_ms), [this] {
    armed_for_ = INT64_MAX;
    run();
  });
}

void Schedule::run() {
  int64_t now = worker_.now().wall_ms;
  while (!due_.empty() && due_.begin()->first <= now) {
    Key key = due_.begin()->second;
    due_.erase(due_.begin());
    auto it = key.owner->shard.schedule().find(key.id);
    if (it == key.owner->shard.schedule().end()) continue;  // cancelled
    PartitionRuntime* p = worker_.partitions().find(it->second.partition);
    Result<model::Batch> batch = model::read_batch(Slice::copy(it->second.batch));
    CHECK(batch, "scheduled message {}", key.id);
    if (p)
      worker_.partitions().append(*p, *batch, engine::BatchAppended{.partition = p->id, .scheduled = key.id});
    else
      key.owner->shard.emit(engine::ScheduleEnded{key.id});
  }
  worker_.stage().hurry();
  arm();
}

void Schedule::restart() {
  for (auto& [id, owner] : worker_.stage().shards())
    for (const auto& [number, message] : owner->shard.schedule())
      due_.emplace(message.due_wall_ms, Key{owner.get(), number});
  arm();
}

}  // namespace godwit::broker
