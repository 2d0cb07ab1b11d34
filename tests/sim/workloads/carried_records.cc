#include "sim/workloads/carried_records.h"

#include <algorithm>

#include "model/kafka_message.h"
#include "sim/consuming.h"

namespace godwit::sim {
namespace {

const std::string kTopic = "carried";
const model::Name kExchange{.text = "carried-dead"};
constexpr int64_t kLeaseMs = 500;

}  // namespace

CarriedRecords::CarriedRecords(Run& run) : Workload(run, 2 + run.below(2)), oracle_(kTopic, run.verdict) {
  matching_.push_back({.oracle = QueueOracle("carried-all", run.verdict), .all = true});
  matching_.push_back({.oracle = QueueOracle("carried-any", run.verdict), .all = false});
}

bool CarriedRecords::Matching::matches(const SentRecord& record) const {
  bool one = record.header("colour") == "red";
  bool two = record.header("size") == "";
  return all ? one && two : one || two;
}

void CarriedRecords::set_up(SimClient& client) {
  model::DeadLetter dead{.exchange = kExchange.text};
  declare(client, kTopic, {.dead_letter = dead});
  run_.must(client, model::AlterTopic{{.text = kTopic}, {.retention = model::Retention::kTime, .retention_ms = -1}},
            "alter topic");
  run_.must(client, model::DeclareExchange{.exchange = {.name = kExchange, .type = "headers"}}, "exchange");
  for (const Matching& queue : matching_) {
    declare(client, queue.oracle.name(), {});
    model::ValueMap arguments{{"x-match", model::Value(std::string(queue.all ? "all" : "any"))},
                              {"colour", model::Value(std::string("red"))},
                              {"size", model::Value(std::string())}};
    auto bound = run_.must(
        client, model::Bind{{.source = kExchange, .target = queue.oracle.name(), .arguments = arguments}}, "bind");
    if (bound && run_.boot > 1 && bound->changed) run_.verdict.broken("a binding to a headers exchange was lost");
  }
}

void CarriedRecords::restarted() {
  oracle_.restarted();
  for (Matching& queue : matching_) queue.oracle.restarted();
}

void CarriedRecords::act(Program& p) {
  switch (run_.below(8)) {
    case 0:
    case 1: return produce(p);
    case 2: return publish_routed(p);
    case 3: return fetch(p);
    case 4: return receive(p, matching_[run_.below(matching_.size())].oracle);
    default: return receive(p, oracle_);
  }
}

SentRecord CarriedRecords::new_record() {
  constexpr const char* kNames[] = {"colour", "size", "colour", "size", "", "x", "content-type", "\xff\x01"};
  SentRecord record{.timestamp_ms = static_cast<int64_t>(run_.chance(5) ? 0 : 1'600'000'000'000 + run_.below(1 << 30))};
  auto any = [&]() -> std::optional<std::string> {
    switch (run_.below(5)) {
      case 0: return std::nullopt;
      case 1: return "red";
      case 2: return std::string("\0\xfe red", 6);
      default: return "";
    }
  };
  record.key = any();
  record.value = run_.chance(3) ? any() : std::string(run_.below(run_.chance(20) ? 5'000 : 300), '.');
  for (uint64_t n = run_.below(6); n > 0; --n)
    record.headers.emplace_back(kNames[run_.below(std::size(kNames))], any());
  record.headers.emplace(record.headers.begin() + static_cast<ptrdiff_t>(run_.below(record.headers.size() + 1)), "id",
                         std::to_string(sent_.size()));
  sent_[record.text()] = record;
  return record;
}

void CarriedRecords::produce(Program& p) {
  constexpr model::Compression kCodecs[] = {model::Compression::kNone, model::Compression::kNone,
                                            model::Compression::kLz4, model::Compression::kZstd};
  const model::TopicInfo* topic = p.topic(kTopic);
  if (!topic) return;
  std::vector<SentRecord> records;
  std::vector<std::string> texts;
  for (uint64_t n = 1 + run_.below(4); n > 0; --n) texts.push_back(records.emplace_back(new_record()).text());
  for (const std::string& text : texts) oracle_.sent(text);
  model::Batch batch = kafka_batch_of(records, kCodecs[run_.below(std::size(kCodecs))]);
  p.call(model::Append{.partition = {topic->id, 0}, .batch = std::move(batch)},
         [this, texts](const Result<model::Appended>& reply) {
           if (!reply && !refused_for_now(reply.error())) run_.refused("produce", reply.error());
           for (const std::string& text : texts) reply ? oracle_.confirmed(text) : oracle_.refused(text);
           if (!reply) return;
           for (size_t i = 0; i < texts.size(); ++i)
             offsets_.shown(kTopic, reply->base_offset + static_cast<int64_t>(i), texts[i]);
           end_ = std::max(end_, reply->base_offset.value + static_cast<int64_t>(texts.size()));
         });
}

void CarriedRecords::publish_routed(Program& p) {
  SentRecord record = new_record();
  model::Batch one = kafka_batch_of({record}, model::Compression::kNone);
  auto records = model::KafkaRecordReader::open(one.payload, 0);
  model::KafkaRecord read;
  if (!records || !records->next(read)) return run_.verdict.broken("a record that was just made cannot be read");
  model::Message message;
  model::read_kafka_record(read, message);
  std::vector<TopicId> topics;
  model::RoutingInput input{.headers = [&]() -> const model::ValueMap& { return message.headers; }};
  Result<void> routed = p.client().catalog().route(kExchange, input, topics);
  if (!routed) return run_.refused("route", routed.error());
  for (Matching& queue : matching_) {
    const model::QueueInfo* info = p.queue(queue.oracle.name());
    if (!info) return;
    bool matches = queue.matches(record);
    if (std::ranges::count(topics, info->topic) != (matches ? 1 : 0))
      run_.verdict.broken(fmt::format("{} goes to {}: {}", record.text(), queue.oracle.name(), !matches));
    if (matches) send(p, queue, record);
  }
}

void CarriedRecords::send(Program& p, Matching& to, const SentRecord& record) {
  to.oracle.sent(record.text());
  const model::TopicInfo* topic = p.topic(to.oracle.name());
  if (!topic) return;
  p.call(model::Append{.partition = {topic->id, 0}, .batch = kafka_batch_of({record}, model::Compression::kNone)},
         [this, &to, text = record.text()](const Result<model::Appended>& reply) {
           if (!reply && !refused_for_now(reply.error())) run_.refused("publish", reply.error());
           reply ? to.oracle.confirmed(text) : to.oracle.refused(text);
         });
}

void CarriedRecords::fetch(Program& p) {
  const model::TopicInfo* topic = p.topic(kTopic);
  if (!topic) return;
  Offset from(end_ == 0 ? 0 : static_cast<int64_t>(run_.below(static_cast<uint64_t>(end_))));
  p.call(model::Fetch{.partition = {topic->id, 0}, .from = from, .bytes_max = 4096},
         [this](const Result<model::Fetched>& reply) {
           if (!reply) return run_.refused("fetch", reply.error());
           for (const model::Batch& batch : reply->batches) {
             std::vector<std::string> texts = record_texts(batch);
             for (size_t i = 0; i < texts.size(); ++i)
               offsets_.shown(kTopic, batch.base_offset() + static_cast<int64_t>(i), texts[i]);
           }
         });
}

void CarriedRecords::receive(Program& p, QueueOracle& from) {
  p.call(model::Receive{.ledger = p.ledger(from.name()), .messages_max = 5, .lease_ms = kLeaseMs},
         [this, &p, &from](const Result<model::Received>& reply) {
           if (!reply) return run_.refused("receive", reply.error());
           for (const model::DeliveredBatch& delivered : reply->batches) {
             std::vector<std::string> texts = record_texts(delivered.batch);
             for (const model::DeliveredRun& run : delivered.runs) {
               if (run_.chance(6)) continue;  // its lease runs out
               from.delivered(texts.at(run.index), run_.boot, run.failed);
               settle(p, from, texts[run.index], delivered.offset_of(run), run.attempt);
             }
           }
         });
}

void CarriedRecords::settle(Program& p, QueueOracle& from, const std::string& text, Offset offset, uint32_t attempt) {
  bool reject = is_log(from) && run_.chance(2);
  model::Settle command{.ledger = p.ledger(from.name()),
                        .verb = reject ? model::Verb::kReject : model::Verb::kAccept,
                        .runs = {{offset, 1}},
                        .attempts = {attempt},
                        .durable_reply = true};
  std::vector<Matching*> dead;
  for (Matching& queue : matching_)
    if (reject && sent_.contains(text) && queue.matches(sent_.at(text))) dead.push_back(&queue);
  for (Matching* queue : dead) queue->oracle.sent(text);
  from.settling(text, run_.boot, reject);
  p.call(std::move(command), [this, &from, text, dead](const Result<model::Settled>& reply) {
    if (!reply) {
      run_.refused("settle", reply.error());
      return from.unsettled(text);
    }
    from.settled(text);
    for (Matching* queue : dead) queue->oracle.confirmed(text);
  });
}

void CarriedRecords::drain_queue(SimClient& client, QueueOracle& oracle) {
  const model::QueueInfo* info = client.catalog().queue(model::Name{.text = oracle.name()});
  if (!info) return run_.verdict.broken(fmt::format("queue {} is gone", oracle.name()));
  model::Receive command{.ledger = {info->id, {info->topic, 0}}, .messages_max = 100, .settle_on_delivery = true};
  while (run_.verdict.ok()) {
    auto received = run_.must(client, command, "receive");
    if (!received || received->batches.empty()) break;
    for (const model::DeliveredBatch& delivered : received->batches) {
      std::vector<std::string> texts = record_texts(delivered.batch);
      for (const model::DeliveredRun& run : delivered.runs)
        for (uint32_t i = 0; i < run.count; ++i) {
          oracle.delivered(texts.at(run.index + i), run_.boot, run.failed);
          oracle.settled(texts[run.index + i]);
        }
    }
  }
  oracle.check_drained(nullptr);
}

void CarriedRecords::drain(SimClient& client) {
  drain_queue(client, oracle_);
  for (Matching& queue : matching_) drain_queue(client, queue.oracle);
  const model::TopicInfo* topic = client.catalog().topic(model::Name{.text = kTopic});
  if (topic) offsets_.check_complete(kTopic, read_log(run_, client, {topic->id, 0}, record_texts));
}

}  // namespace godwit::sim
