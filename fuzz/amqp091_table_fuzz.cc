#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "model/amqp091_properties.h"
#include "model/amqp091_table.h"

using namespace godwit;

/// Field tables and stored properties. What decodes must encode to something that decodes to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  ByteView in(bytes, size);
  Reader reader(in);
  model::ValueMap table;
  if (model::decode_amqp091_table(reader, table)) {
    ByteVec once, twice;
    model::encode_amqp091_table(table, once);
    Reader again(once);
    model::ValueMap read;
    CHECK(model::decode_amqp091_table(again, read));
    model::encode_amqp091_table(read, twice);
    CHECK(once == twice);
  }
  model::Message message;
  if (model::decode_amqp091_properties(in, message)) {
    ByteVec stored, patched;
    model::encode_amqp091_properties(message, 0, stored);
    model::Message back;
    CHECK(model::decode_amqp091_properties(stored, back));
    model::Patch patch;
    patch.deaths.push_back({.queue = "q", .reason = "rejected"});
    CHECK(model::patch_amqp091_properties(in, patch, patched));
    CHECK(model::decode_amqp091_properties(patched, back));
  }
  return 0;
}
