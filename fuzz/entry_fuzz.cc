#include "base/check.h"
#include "storage/entry.h"

/// Whatever reads as entries is written back to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::storage;
  godwit::ByteView bytes(data, size);
  godwit::Reader in(bytes);
  StagedEntries staged;
  while (in.remaining() > 0) {
    godwit::ByteView body;
    EntryHeader header = read_entry(in, body);
    if (!in.ok()) return 0;
    staged.add(header.shard, header.type, header.version, header.seq, body.first(body.size() / 2),
               godwit::Slice::copy(body.subspan(body.size() / 2)));
  }
  godwit::ByteVec again(staged.bytes());
  staged.copy_to(again.data());
  CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  return 0;
}
