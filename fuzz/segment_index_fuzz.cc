#include "base/check.h"
#include "resealed.h"
#include "storage/segment_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::storage;
  godwit::ByteView bytes(data, size);
  (void)decode_segment_index(bytes);
  if (auto index = decode_segment_index(godwit::fuzz::resealed_at_end(bytes))) {
    godwit::ByteVec again;
    encode_segment_index(*index, again);
    CHECK(decode_segment_index(again).value() == *index);
  }
  return 0;
}
