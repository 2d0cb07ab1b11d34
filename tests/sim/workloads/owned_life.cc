#include "sim/workloads/owned_life.h"

#include <algorithm>

namespace godwit::sim {

void OwnedLife::attaching(uint32_t tag, size_t program) {
  consumers[tag].program = program;
  if (!settings.exclusive) must_end_ms.reset();  // it may be in time
}

void OwnedLife::leaves(uint32_t tag, int64_t now_ms) {
  auto consumer = consumers.find(tag);
  if (consumer == consumers.end()) return;
  for (const auto& [body, offset] : consumer->second.held) oracle.returned(body);
  consumers.erase(consumer);
  consumer_left(now_ms);
}

void OwnedLife::lost(SessionId session, size_t program, int64_t now_ms) {
  std::deque<uint32_t> tags;
  for (const auto& [tag, consumer] : consumers)
    if (consumer.program == program) tags.push_back(tag);
  for (uint32_t tag : tags) leaves(tag, now_ms);
  if (!is_others(session) && settings.exclusive) {
    ending = true;
    must_end_ms = now_ms;
  }
}

void OwnedLife::consumer_left(int64_t now_ms) {
  if (!settings.auto_delete) return;
  if (std::ranges::none_of(consumers, [](const auto& other) { return other.second.sure; })) ending = true;
  if (consumers.empty() && consumed) must_end_ms = now_ms;
}

void OwnedLife::survived() {
  everywhere = true;
  ending = consumed = false;
  must_end_ms.reset();
}

std::optional<ErrorCode> OwnedLife::told(const model::DeclareQueue& wanted, SessionId session) const {
  if (is_others(session)) return ErrorCode::kExclusive;
  if (wanted.passive || wanted.settings == settings) return std::nullopt;
  return wanted.settings.exclusive == settings.exclusive ? ErrorCode::kMismatch : ErrorCode::kExclusive;
}

}  // namespace godwit::sim
