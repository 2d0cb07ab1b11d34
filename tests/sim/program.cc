#include "sim/program.h"

#include "model/native_message.h"

namespace godwit::sim {

void Program::connect() {
  uint64_t worker = run_.below(run_.world.broker().workers());
  client_ = std::make_unique<SimClient>(run_.world, WorkerId(static_cast<uint16_t>(worker)));
  client_->on_notice = [this](broker::Notice& notice) {
    if (on_notice) on_notice(notice);
  };
}

void Program::drop() {
  pending_ = 0;
  client_.reset();
}

void Program::lost() { drop(); }

const model::QueueInfo* Program::queue(const std::string& name) {
  const model::QueueInfo* info = client_->catalog().queue(model::Name{.text = name});
  if (!info) run_.verdict.broken(fmt::format("queue {} is not in the catalog", name));
  return info;
}

const model::TopicInfo* Program::topic(const std::string& name) {
  const model::TopicInfo* info = client_->catalog().topic(model::Name{.text = name});
  if (!info) run_.verdict.broken(fmt::format("topic {} is not in the catalog", name));
  return info;
}

LedgerId Program::ledger(const std::string& name, uint32_t partition) {
  const model::QueueInfo* info = queue(name);
  return info ? LedgerId{info->id, {info->topic, partition}} : LedgerId{};
}

model::Batch batch_of(const std::vector<Sent>& messages) {
  model::NativeBatchBuilder builder;
  for (const Sent& sent : messages) {
    model::NativeMessage m;
    m.body = as_bytes(sent.body);
    if (!sent.group.empty()) m.group = as_bytes(sent.group);
    m.expires_at_ms = sent.expires_at_ms;
    m.deliver_at_ms = sent.deliver_at_ms;
    builder.add(m);
  }
  return builder.seal(1);
}

model::Batch batch_of(const std::vector<std::string>& bodies) {
  std::vector<Sent> messages;
  for (const std::string& body : bodies) messages.push_back({.body = body});
  return batch_of(messages);
}

std::vector<std::string> bodies_of(const model::Batch& batch) {
  std::vector<std::string> bodies;
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  while (in.next(m)) bodies.emplace_back(as_string(m.body));
  return bodies;
}

}  // namespace godwit::sim
