#include <fmt/format.h>

#include "model/read_message.h"
#include "sim/simulation.h"

// The end of a simulation: everything is taken out and counted.
namespace godwit::sim {

template <class C>
std::optional<typename C::ReplyType> Simulation::must(SimClient& client, C command, const char* what) {
  if (!verdict_.ok()) return std::nullopt;
  auto reply = client.ask(std::move(command));
  if (reply) return std::move(*reply);
  verdict_.broken(fmt::format("{}: {}", what, reply.error().message));
  return std::nullopt;
}

template std::optional<model::QueueDeclared> Simulation::must(SimClient&, model::DeclareQueue, const char*);
template std::optional<model::TopicCreated> Simulation::must(SimClient&, model::CreateTopic, const char*);
template std::optional<model::ProducerAllocated> Simulation::must(SimClient&, model::AllocateProducer, const char*);
template std::optional<model::OffsetsFetched> Simulation::must(SimClient&, model::FetchOffsets, const char*);

void Simulation::drain() {
  world_.disk().stop_after(UINT64_MAX);
  world_.disk().set_capacity(disk_bytes_);
  for (Program& w : programs_) drop(w);
  world_.advance(3000);  // blocked publishers are let go, dead letters arrive
  SimClient client(world_);
  for (Queue& q : queues_) drain_queue(q, client);
  for (Queue& q : queues_) q.oracle.check_drained(queue("dead").oracle);
  for (uint32_t partition = 0; partition < 2; ++partition) read_topic(client, partition);
  world_.advance(1000);
  if (world_.failure()) verdict_.broken(fmt::format("the broker failed: {}", world_.failure()->message));
  check_memory(true);
}

void Simulation::drain_queue(Queue& q, SimClient& client) {
  if (!verdict_.ok()) return;
  LedgerId id = ledger(client, q.name);
  Offset last(-1);
  uint64_t unsettled = 0;
  client.on_notice = [&](broker::Notice& notice) {
    auto* delivery = std::get_if<broker::Delivery>(&notice);
    if (!delivery) return;
    model::NativeBatchReader in(delivery->messages.batch.payload);
    std::vector<std::string> bodies;
    model::NativeMessage m;
    while (in.next(m)) bodies.emplace_back(as_string(m.body));
    for (const model::DeliveredRun& run : delivery->messages.runs) {
      Offset first = delivery->messages.offset_of(run);
      if (first <= last) verdict_.broken(fmt::format("{}: offset {} comes after {}", q.name, first.value, last.value));
      last = first + (run.count - 1);
      for (uint32_t i = 0; i < run.count; ++i) {
        const std::string& body = bodies.at(run.index + i);
        offsets_.shown(q.name, first + i, body);
        q.oracle.delivered(body, boot_, run.failed);
        q.oracle.settled(body);
      }
      ++unsettled;
      client.call(
          model::Settle{.ledger = id, .consumer = delivery->tag, .runs = {{first, run.count}}, .durable_reply = true},
          [&](const Result<model::Settled>& settled) { unsettled -= settled ? 1 : 0; });
    }
  };
  must(client, model::Attach{.ledger = id, .tag = ConsumerTag(1), .credit = 1'000'000}, "attach");
  world_.advance(500);
  if (!world_.run_until([&] { return unsettled == 0; })) verdict_.broken(fmt::format("{} is not drained", q.name));
  auto left = must(client, model::DescribeLedger{id}, "describe");
  if (left && left->ready + left->leased > 0)
    verdict_.broken(fmt::format("{} keeps {} ready and {} leased messages", q.name, left->ready, left->leased));
  client.on_notice = {};
}

void Simulation::read_topic(SimClient& client, uint32_t index) {
  if (!verdict_.ok()) return;
  const model::TopicInfo* topic = client.catalog().topic(model::Name{.text = "log"});
  if (!topic) return verdict_.broken("the topic is not in the catalog");
  PartitionId id{topic->id, index};
  std::vector<std::pair<Offset, std::string>> all;
  Offset from(0);
  while (auto fetched = must(client, model::Fetch{.partition = id, .from = from, .bytes_max = 65'536}, "fetch")) {
    if (fetched->batches.empty()) {
      if (from != fetched->end)
        verdict_.broken(fmt::format("log/{}: nothing at {} of {}", index, from.value, fetched->end.value));
      break;
    }
    for (const model::Batch& batch : fetched->batches) {
      model::NativeBatchReader in(batch.payload);
      model::NativeMessage m;
      for (Offset offset = batch.base_offset(); in.next(m); ++offset) all.emplace_back(offset, as_string(m.body));
    }
    if (fetched->batches.back().end_offset() <= from) return verdict_.broken("a fetch does not move on");
    from = fetched->batches.back().end_offset();
  }
  if (!verdict_.ok()) return;
  offsets_.check_complete(fmt::format("log/{}", index), all);
  std::set<std::string> bodies;
  for (const auto& [offset, body] : all)
    if (!bodies.insert(body).second) verdict_.broken(fmt::format("'{}' was produced twice", short_of(body)));
}

void Simulation::check_memory(bool drained) {
  if (!verdict_.ok()) return;
  for (uint16_t w = 0; w < world_.broker().workers(); ++w) {
    broker::Partitions& partitions = world_.broker().worker(WorkerId(w)).partitions();
    uint64_t durable = 0;
    uint64_t in_memory = 0;
    for (auto& [id, p] : partitions.all()) {
      (p->is_volatile() ? in_memory : durable) += p->log.memory_bytes();
      bool kept = p->settings.retention != model::Retention::kSettled || p->is_volatile();
      if (drained && !kept && p->log.bytes() > 0)
        verdict_.broken(fmt::format("{} is drained and keeps {} bytes", p->topic.text, p->log.bytes()));
    }
    if (durable != partitions.memory_bytes() || in_memory != partitions.volatile_bytes())
      verdict_.broken(fmt::format("worker {} counts {} and {} bytes in memory, and has {} and {}", w,
                                  partitions.memory_bytes(), partitions.volatile_bytes(), durable, in_memory));
  }
}

}  // namespace godwit::sim
