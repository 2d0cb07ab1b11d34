#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "admin/http_session.h"
#include "base/check.h"
#include "model/kafka_records.h"
#include "model/native_message.h"
#include "support/fake_host.h"
#include "unit/admin/fake_node.h"

using namespace godwit;

namespace {

/// The first byte of an input: who asks, in which pieces bytes arrive, and how commands are answered.
struct Choices {
  uint8_t byte = 0;
  bool refuses() const { return byte & 1; }
  bool newest_first() const { return byte & 2; }
  size_t piece() const { return byte & 4 ? 7 : 4096; }
  bool kafka() const { return byte & 8; }
  bool local() const { return !(byte & 16); }
  bool guest_allowed() const { return !(byte & 32); }
};

model::Batch some_batch(bool kafka) {
  if (kafka) {
    model::KafkaBatchBuilder builder;
    builder.add({.timestamp_ms = 5, .value = as_bytes("kafka")});
    return model::seal_batch(model::Encoding::kKafka, 0, 1, 5, Slice::take(builder.finish().value()));
  }
  model::NativeBatchBuilder builder;
  builder.add({.origin = model::Origin::kAmqp091,
               .key = as_bytes("k"),
               .properties = as_bytes(std::string_view("\1e\1k\0\0", 6)),
               .body = as_bytes("\xff native")});
  return builder.seal(5);
}

broker::Reply reply_to(const broker::Command& command, Choices choices) {
  return std::visit(
      [&]<class C>(const C& c) -> broker::Reply {
        if constexpr (std::is_same_v<C, model::Grant>)
          return fail(ErrorCode::kUnsupported, "");
        else if constexpr (std::is_same_v<C, model::Fetch>)
          return model::Fetched{.batches = {some_batch(choices.kafka())}, .end = c.from + 1, .last_stable = c.from + 1};
        else if constexpr (std::is_same_v<typename C::ReplyType, model::Received>)
          return model::Received{.batches = {{c.ledger, some_batch(choices.kafka()), {{.index = 0, .count = 1}}}}};
        else
          return typename C::ReplyType{};
      },
      command);
}

void answer_all(test::FakeHost& host, admin::FakeNode& node, admin::HttpSession& session, Choices choices) {
  for (int i = 0; i < 256 && !host.closed; ++i) {
    if (node.asked) std::exchange(node.asked, {})({.version = "1", .metrics = {{.name = "n", .help = "h"}}});
    if (host.submitted.empty()) continue;
    auto at = choices.newest_first() ? host.submitted.end() - 1 : host.submitted.begin();
    auto [id, command] = std::move(*at);
    host.submitted.erase(at);
    session.on_reply(
        id, choices.refuses() ? broker::Reply(fail(ErrorCode::kNotFound, "gone")) : reply_to(command, choices));
  }
}

}  // namespace

/// A whole connection to the admin API. Whatever is asked is answered, or the connection ends.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Choices choices{data[0]};
  ByteView in(data + 1, size - 1);
  test::FakeHost host;
  model::TopicInfo& topic = host.names.add_topic("q", 2);
  host.names.add_queue("q", topic.id);
  host.names.add_exchange({.name = {"default", "e"}, .type = "topic"});
  admin::FakeNode node;
  admin::HttpSession session(host, node, {.local = choices.local(), .guest_allowed = choices.guest_allowed()});
  size_t arrived = 0;
  size_t taken = 0;
  while (!host.closed && (arrived < in.size() || session.paused())) {
    arrived = std::min(in.size(), arrived + choices.piece());
    size_t n = session.paused() ? 0 : session.on_bytes(in.subspan(taken, arrived - taken));
    CHECK(n <= arrived - taken);
    CHECK(session.held_bytes() <= 2 * admin::kHttpBodyBytesMax);
    taken += n;
    answer_all(host, node, session, choices);
    CHECK(host.closed || !session.paused(), "everything was answered, and the request was not");
    ByteVec sent = host.sent();
    CHECK(sent.empty() || as_string(sent).starts_with("HTTP/1.1 "));
  }
  if (!host.closed) session.on_timer();
  session.on_closed();
  return 0;
}
