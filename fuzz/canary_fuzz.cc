// Holds a planted bug that the fuzzer must find: `./dev fuzz` fails when this target does not crash.

#include <cstdint>

#include "base/check.h"
#include "base/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  godwit::Reader in(godwit::ByteView(data, size));
  if (in.u8() == 'g' && in.u8() == 'o' && in.u8() == 'd') CHECK(in.u8() != 'w', "found");
  return 0;
}
