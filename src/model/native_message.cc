#include "model/native_message.h"

#include <utility>

namespace godwit::model {
namespace {

enum Flags : uint8_t {
  kDurable = 1 << 0,
  kPriority = 1 << 1,
  kExpiry = 1 << 2,
  kDeliverAt = 1 << 3,
  kKey = 1 << 4,
  kGroup = 1 << 5,
  kDedup = 1 << 6,
  kPatch = 1 << 7,
};

uint8_t flags_of(const NativeMessage& m) {
  return static_cast<uint8_t>((m.durable ? kDurable : 0) | (m.priority ? kPriority : 0) |
                              (m.expires_at_ms ? kExpiry : 0) | (m.deliver_at_ms ? kDeliverAt : 0) |
                              (m.key ? kKey : 0) | (m.group ? kGroup : 0) | (m.dedup_id ? kDedup : 0) |
                              (m.patch.empty() ? 0 : kPatch));
}

uint16_t batch_flags_of(uint8_t flags) {
  return static_cast<uint16_t>((flags & kPriority ? kHasPriority : 0) | (flags & kExpiry ? kHasExpiry : 0) |
                               (flags & kDeliverAt ? kHasDeliverAt : 0) | (flags & kGroup ? kHasGroup : 0) |
                               (flags & kDedup ? kHasDedup : 0));
}

}  // namespace

void NativeBatchBuilder::begin(const NativeMessage& m, size_t body_bytes) {
  Writer out(payload_);
  uint8_t flags = flags_of(m);
  size_t start = out.size();
  out.le(uint32_t{0});
  out.u8(static_cast<uint8_t>(m.origin));
  out.u8(flags);
  out.u8(m.priority.value_or(0));
  out.u8(0);
  if (m.expires_at_ms) out.le(*m.expires_at_ms);
  if (m.deliver_at_ms) out.le(*m.deliver_at_ms);
  if (m.key) out.sized(*m.key);
  if (m.group) out.sized(*m.group);
  if (m.dedup_id) out.sized(*m.dedup_id);
  if (!m.patch.empty()) out.sized(m.patch);
  out.sized(m.properties);
  out.patch_le(start, static_cast<uint32_t>(out.size() - start - 4 + body_bytes));
  flags_ |= batch_flags_of(flags);
  ++count_;
}

void NativeBatchBuilder::add(const NativeMessage& m) {
  begin(m, m.body.size());
  payload_.insert(payload_.end(), m.body.begin(), m.body.end());
}

Batch NativeBatchBuilder::seal(int64_t timestamp_ms) {
  size_t grown = payload_.size();
  Batch batch = seal_batch(Encoding::kNative, flags_, count_, timestamp_ms, Slice::take(std::exchange(payload_, {})));
  payload_.reserve(grown);  // the next batch of a busy session is about as large
  count_ = 0;
  flags_ = 0;
  return batch;
}

bool NativeBatchReader::skip() {
  if (in_.remaining() == 0) return false;
  in_.bytes(in_.le<uint32_t>());
  return in_.ok();
}

bool NativeBatchReader::next(NativeMessage& m) {
  if (in_.remaining() == 0) return false;
  Reader in(in_.bytes(in_.le<uint32_t>()));
  if (!in_.ok()) return false;
  m = NativeMessage{};
  m.origin = static_cast<Origin>(in.u8());
  uint8_t flags = in.u8();
  uint8_t priority = in.u8();
  in.u8();
  m.durable = flags & kDurable;
  if (flags & kPriority) m.priority = priority;
  if (flags & kExpiry) m.expires_at_ms = in.le<int64_t>();
  if (flags & kDeliverAt) m.deliver_at_ms = in.le<int64_t>();
  if (flags & kKey) m.key = in.sized();
  if (flags & kGroup) m.group = in.sized();
  if (flags & kDedup) m.dedup_id = in.sized();
  if (flags & kPatch) m.patch = in.sized();
  m.properties = in.sized();
  m.body = in.rest();
  if (!in.ok()) in_.fail();
  return in.ok();
}

}  // namespace godwit::model
