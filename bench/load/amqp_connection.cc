#include "load/amqp_connection.h"

#include <fmt/format.h>

#include "load/process_usage.h"

namespace godwit::bench {
namespace {

constexpr uint32_t kFrameBytesMax = 131072;
constexpr int kReplyTimeoutMs = 60'000;

}  // namespace

void fail_if_closed(const Frame& frame) {
  if (frame.type != FrameType::kMethod) return;
  const Method method = frame.method();
  if (method != Method::kConnectionClose && method != Method::kChannelClose) return;
  const std::string_view arguments = frame.arguments();
  const size_t text_bytes = read_integer(arguments, 2, 1);
  fail(fmt::format("closed by the broker: {} {}", read_integer(arguments, 0, 2), arguments.substr(3, text_bytes)));
}

AmqpConnection::AmqpConnection(const Address& address) : socket_(address.host, address.port) {
  FrameWriter writer;
  writer.raw(std::string_view("AMQP\0\0\x09\x01", 8));
  call(writer, Method::kConnectionStart);

  using namespace std::string_view_literals;
  writer.clear();
  writer.begin(Method::kConnectionStartOk, 0).long_string("").short_string("PLAIN");
  writer.long_string("\0guest\0guest"sv).short_string("en_US").end();
  call(writer, Method::kConnectionTune);

  writer.clear();
  writer.begin(Method::kConnectionTuneOk, 0).u16(16).u32(kFrameBytesMax).u16(0).end();
  writer.begin(Method::kConnectionOpen, 0).short_string("/").short_string("").u8(0).end();
  call(writer, Method::kConnectionOpenOk);

  writer.clear();
  call(writer.begin(Method::kChannelOpen, 1).short_string("").end(), Method::kChannelOpenOk);
}

std::string AmqpConnection::call(const FrameWriter& request, Method reply) {
  socket_.set_receive_timeout_ms(kReplyTimeoutMs);
  socket_.send_all(request.bytes());
  for (;;) {
    while (const auto frame = reader_.next()) {
      fail_if_closed(*frame);
      if (frame->type == FrameType::kMethod && frame->method() == reply) return std::string(frame->arguments());
    }
    if (!reader_.receive(socket_, true)) fail("no reply from the broker for 60 s");
  }
}

uint64_t AmqpConnection::declare_queue(const std::string& name, const std::string& type) {
  constexpr uint8_t kDurable = 1 << 1;
  FrameWriter arguments;
  if (!type.empty()) arguments.short_string("x-queue-type").raw("S").long_string(type);
  FrameWriter writer;
  writer.begin(Method::kQueueDeclare, 1).u16(0).short_string(name).u8(kDurable).long_string(arguments.bytes()).end();
  const std::string answer = call(writer, Method::kQueueDeclareOk);
  return read_integer(answer, 1 + read_integer(answer, 0, 1), 4);
}

void AmqpConnection::delete_queue(const std::string& name) {
  FrameWriter writer;
  call(writer.begin(Method::kQueueDelete, 1).u16(0).short_string(name).u8(0).end(), Method::kQueueDeleteOk);
}

void AmqpConnection::select_confirms() {
  FrameWriter writer;
  call(writer.begin(Method::kConfirmSelect, 1).u8(0).end(), Method::kConfirmSelectOk);
}

void AmqpConnection::consume(const std::string& queue, uint16_t prefetch) {
  FrameWriter writer;
  call(writer.begin(Method::kBasicQos, 1).u32(0).u16(prefetch).u8(0).end(), Method::kBasicQosOk);
  writer.clear();
  writer.begin(Method::kBasicConsume, 1).u16(0).short_string(queue).short_string("load").u8(0).long_string("").end();
  socket_.send_all(writer.bytes());  // its answer is skipped by whoever reads the deliveries
}

void AmqpConnection::close() {
  FrameWriter writer;
  writer.begin(Method::kConnectionClose, 0).u16(200).short_string("done").u16(0).u16(0).end();
  call(writer, Method::kConnectionCloseOk);
}

}  // namespace godwit::bench
