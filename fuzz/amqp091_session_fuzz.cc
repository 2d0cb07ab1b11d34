#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "protocol/amqp091/connection.h"
#include "support/fake_host.h"

using namespace godwit;

namespace {

/// Answers commands and sends notices as a broker would, its choices taken from the input.
class Broker {
 public:
  Broker(test::FakeHost& host, protocol::amqp091::Connection& connection) : host_(host), connection_(connection) {}

  void answer(uint8_t choice) {
    for (int i = 0; i < 64 && !host_.submitted.empty(); ++i) {
      auto [id, command] = std::move(host_.submitted.front());
      host_.submitted.pop_front();
      if (std::holds_alternative<model::Grant>(command)) continue;
      auto* attach = std::get_if<model::Attach>(&command);
      bool refused = choice % 16 == 15;
      connection_.on_reply(id, refused ? broker::Reply(fail(ErrorCode::kNotFound, "gone")) : reply_to(command));
      if (attach && !refused) deliver(*attach, choice);
    }
  }

 private:
  static broker::Reply reply_to(const broker::Command& command) {
    return std::visit(
        []<class C>(const C&) -> broker::Reply {
          if constexpr (std::is_same_v<C, model::Grant>)
            return fail(ErrorCode::kUnsupported, "");
          else if constexpr (std::is_same_v<C, model::Fetch>)
            return model::Fetched{.batches = {batch(1)}};
          else
            return typename C::ReplyType{};
        },
        command);
  }
  static model::Batch batch(uint8_t messages) {
    model::NativeBatchBuilder builder;
    for (int i = 0; i <= messages % 8; ++i)
      builder.add({.origin = model::Origin::kAmqp091,
                   .properties = as_bytes(std::string_view("\1e\1k\0\0", 6)),
                   .body = as_bytes("body")});
    return builder.seal(0);
  }
  void deliver(const model::Attach& attach, uint8_t choice) {
    if (attach.credit == 0) return;
    model::Batch sealed = batch(choice);
    uint32_t count = std::min(sealed.header.count, attach.credit);
    connection_.on_notice(broker::Delivery{attach.tag, {attach.ledger, sealed, {{.index = 0, .count = count}}}});
    if (choice % 4 == 1) connection_.on_notice(broker::CreditReturned{attach.ledger, attach.tag, 1});
    if (choice % 4 == 2) connection_.on_notice(broker::ConsumerCancelled{attach.ledger, attach.tag});
    if (choice % 4 == 3) connection_.on_writable();
  }

  test::FakeHost& host_;
  protocol::amqp091::Connection& connection_;
};

}  // namespace

/// A whole connection: the first byte chooses how the bytes are cut and what the broker answers, the rest is what the
/// client sends.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size < 1) return 0;
  static const protocol::amqp091::Options options{.message_bytes_max = 1 << 20};
  test::FakeHost host;
  model::TopicInfo& topic = host.names.add_topic("q", 2);
  host.names.add_queue("q", topic.id);
  host.names.add_topic("s");
  protocol::amqp091::Connection connection(host, options, [](auto, auto) { return broker::Principal{}; });
  Broker broker(host, connection);
  size_t step = bytes[0] < 128 ? size : size_t{bytes[0]} - 127;
  ByteView in(bytes + 1, size - 1);
  size_t taken = 0, offered = 0;
  for (int turns = 0; turns < 1000 && !host.closed; ++turns) {
    offered = std::min(in.size(), offered + step);
    if (!connection.paused()) {
      size_t n = connection.on_bytes(in.subspan(taken, offered - taken));
      CHECK(n <= offered - taken, "took {} of {}", n, offered - taken);
      taken += n;
      CHECK(connection.bytes_wanted() <= 131'072, "wants {}", connection.bytes_wanted());
    }
    broker.answer(bytes[0]);
    host.sent();
    if (offered == in.size() && (taken == offered || host.submitted.empty())) break;
  }
  connection.on_timer();
  connection.on_closed();
  return 0;
}
