#include "base/bytes.h"

#include "base/check.h"

namespace godwit {

Slice Slice::take(ByteVec bytes) {
  if (bytes.empty()) return {};
  auto* owner = new Owner;
  owner->bytes = std::move(bytes);
  return Slice(owner, owner->bytes);
}

Slice Slice::take(std::unique_ptr<uint8_t[]> block, size_t size) {
  if (size == 0) return {};
  auto* owner = new Owner;
  owner->block = std::move(block);
  return Slice(owner, {owner->block.get(), size});
}

Slice Slice::copy(ByteView bytes) { return take(ByteVec(bytes.begin(), bytes.end())); }

Slice Slice::sub(size_t pos, size_t len) const {
  CHECK(pos <= size() && len <= size() - pos, "[{}, +{}) of {}", pos, len, size());
  Slice part(owner_, view_.subspan(pos, len));
  part.retain();
  return part;
}

}  // namespace godwit
