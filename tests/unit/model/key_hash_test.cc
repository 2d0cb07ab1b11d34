#include "model/key_hash.h"

#include <gtest/gtest.h>

namespace godwit::model {
namespace {

TEST(KeyHash, AgreesWithTheJavaProducer) {
  constexpr uint32_t kMany = 0x7fffffff;
  EXPECT_EQ(partition_of_key(as_bytes("21"), kMany), 1173551340u);
  EXPECT_EQ(partition_of_key(as_bytes("foobar"), kMany), 1357151166u);
  EXPECT_EQ(partition_of_key(as_bytes("abc"), kMany), 479470107u);
  EXPECT_EQ(partition_of_key(as_bytes("abc"), 1), 0u);
}

}  // namespace
}  // namespace godwit::model
