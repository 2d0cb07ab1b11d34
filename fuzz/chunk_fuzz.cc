#include "base/check.h"
#include "resealed.h"
#include "storage/chunk.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::storage;
  RandomId id{};
  godwit::ByteView bytes(data, size);
  (void)read_chunk_header(bytes, id);
  godwit::ByteVec sealed = godwit::fuzz::resealed(bytes, kChunkHeaderCrcAt, godwit::crc32c(id));
  if (auto header = read_chunk_header(sealed, id)) {
    CHECK(header->stored_bytes() <= kChunkBytesMax && header->stored_bytes() % godwit::kBlockBytes == 0);
    (void)check_chunk_body(sealed, *header);
  }
  return 0;
}
