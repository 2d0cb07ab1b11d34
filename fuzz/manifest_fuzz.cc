#include "base/check.h"
#include "resealed.h"
#include "storage/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::storage;
  godwit::ByteView bytes(data, size);
  (void)decode_manifest(bytes);
  if (auto manifest = decode_manifest(godwit::fuzz::resealed_at_end(bytes)))
    CHECK(decode_manifest(encode_manifest(*manifest)).value() == *manifest);
  return 0;
}
