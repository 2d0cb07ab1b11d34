#include "engine/exchange.h"

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

TEST(ExchangeKinds, AreFoundByName) {
  for (const char* type : {"direct", "fanout", "topic", "headers"}) {
    EXPECT_TRUE(is_exchange_type(type));
    EXPECT_NE(make_exchange_kind(type), nullptr);
  }
  EXPECT_FALSE(is_exchange_type("Direct"));
  EXPECT_EQ(make_exchange_kind(""), nullptr);
}

}  // namespace
}  // namespace godwit::engine
