#include "model/uuid_text.h"

#include <gtest/gtest.h>

namespace godwit::model {
namespace {

TEST(UuidText, IsTheCanonicalForm) {
  Uuid uuid{{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10}};
  EXPECT_EQ(uuid_text(uuid), "01234567-89ab-cdef-fedc-ba9876543210");
  EXPECT_EQ(uuid_text({}), "00000000-0000-0000-0000-000000000000");
}

}  // namespace
}  // namespace godwit::model
