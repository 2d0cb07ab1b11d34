#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/check.h"
#include "model/kafka_records.h"
#include "model/native_message.h"
#include "protocol/kafka/session.h"
#include "support/fake_host.h"

using namespace godwit;

namespace {

/// The first byte of an input: which topics there are, in which pieces bytes arrive, and how commands are answered.
struct Choices {
  uint8_t byte = 0;
  bool refuses() const { return byte & 1; }
  bool newest_first() const { return byte & 2; }
  size_t piece() const { return byte & 4 ? 7 : 4096; }
};

model::Batch some_batch(int64_t base) {
  model::Batch batch;
  if (base % 2) {
    model::NativeBatchBuilder builder;
    builder.add({.key = as_bytes("k"), .body = as_bytes("native")});
    batch = builder.seal(5);
  } else {
    model::KafkaBatchBuilder builder;
    builder.add({.timestamp_ms = 5, .value = as_bytes("kafka")});
    batch = model::seal_batch(model::Encoding::kKafka, 0, 1, 5, Slice::take(builder.finish().value()));
  }
  batch.header.base_offset = Offset(base);
  return batch;
}

broker::Reply reply_to(const broker::Command& command) {
  return std::visit(
      []<class C>(const C& c) -> broker::Reply {
        if constexpr (std::is_same_v<C, model::Grant>)
          return fail(ErrorCode::kUnsupported, "");
        else if constexpr (std::is_same_v<C, model::Fetch>)
          return model::Fetched{
              .batches = {some_batch(c.partition.index)}, .end = c.from + 1, .last_stable = c.from + 1};
        else if constexpr (std::is_same_v<C, model::FindOffset>)
          return model::OffsetFound{.offset = Offset(3), .timestamp_ms = 5};
        else
          return typename C::ReplyType{};
      },
      command);
}

void answer_all(test::FakeHost& host, protocol::kafka::Session& session, Choices choices) {
  for (int i = 0; i < 256 && !host.submitted.empty() && !host.closed; ++i) {
    auto at = choices.newest_first() ? host.submitted.end() - 1 : host.submitted.begin();
    auto [id, command] = std::move(*at);
    host.submitted.erase(at);
    session.on_reply(id, choices.refuses() ? broker::Reply(fail(ErrorCode::kNotFound, "gone")) : reply_to(command));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Choices choices{data[0]};
  ByteView in(data + 1, size - 1);
  test::FakeHost host;
  host.names.add_topic("t", 4);
  model::TopicSettings compacted;
  compacted.retention = model::Retention::kCompact;
  host.names.add_topic("c", 1, compacted);
  auto settings = std::make_shared<const protocol::kafka::Settings>();
  protocol::kafka::Session session(host, settings, "/127.0.0.1");
  size_t arrived = 0;
  size_t taken = 0;
  while (arrived < in.size() && !host.closed) {
    arrived = std::min(in.size(), arrived + choices.piece());
    size_t n = session.on_bytes(in.subspan(taken, arrived - taken));
    CHECK(n <= arrived - taken);
    CHECK(session.bytes_wanted() <= settings->frame_bytes_max() + 4);
    taken += n;
    answer_all(host, session, choices);
    (void)host.sent();
  }
  if (!host.closed) session.on_closed();
  return 0;
}
