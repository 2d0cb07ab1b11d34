#include "base/check.h"
#include "model/batch.h"
#include "model/native_message.h"
#include "resealed.h"

namespace {

void walk(const godwit::ByteView payload) {
  godwit::model::NativeBatchReader in(payload);
  godwit::model::NativeMessage message;
  size_t bytes = 0;
  while (in.next(message)) bytes += message.body.size() + message.properties.size();
  CHECK(bytes <= payload.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  godwit::ByteView bytes(data, size);
  (void)godwit::model::read_batch(godwit::Slice::copy(bytes));
  godwit::ByteVec sealed = godwit::fuzz::resealed(bytes, godwit::model::BatchHeader::kBytes - 4);
  if (auto header = godwit::model::read_batch_header(sealed)) {
    godwit::ByteVec again;
    godwit::Writer out(again);
    godwit::model::write_batch_header(out, *header);
    CHECK(godwit::model::read_batch_header(again).value() == *header);
    walk(godwit::ByteView(sealed).subspan(godwit::model::BatchHeader::kBytes));
  }
  walk(bytes);
  return 0;
}
