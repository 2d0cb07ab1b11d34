#include "base/shared.h"

#include <string>

#include <gtest/gtest.h>

#include "base/fields.h"

namespace godwit {
namespace {

TEST(Shared, CopiesAreTheSameValue) {
  Shared<std::string> value(std::string("orders"));
  Shared<std::string> copy = value;
  EXPECT_EQ(&*copy, &*value);
  copy = std::string("invoices");
  EXPECT_EQ(*value, "orders");
  EXPECT_EQ(copy->size(), 8u);
}

TEST(Shared, ComparesByValue) {
  Shared<std::string> value(std::string("orders"));
  EXPECT_EQ(value, Shared<std::string>(std::string("orders")));
  EXPECT_NE(value, Shared<std::string>(std::string("invoices")));
  EXPECT_EQ(Shared<std::string>(), Shared<std::string>());
}

TEST(Shared, IsStoredAsItsValue) {
  ByteVec plain;
  encode_fields(std::string("orders"), plain);
  ByteVec shared;
  encode_fields(Shared<std::string>(std::string("orders")), shared);
  EXPECT_EQ(shared, plain);
  Reader in(shared);
  Shared<std::string> read;
  ASSERT_TRUE(decode_fields(in, 1, read));
  EXPECT_EQ(*read, "orders");
}

}  // namespace
}  // namespace godwit
