#include "protocol/kafka/apis.h"

#include <gtest/gtest.h>

namespace godwit::protocol::kafka {
namespace {

TEST(Apis, AreFoundByKeyAndNothingElse) {
  for (const ServedApi& served : served_apis()) {
    ASSERT_EQ(find_api(served.api.key), &served);
    EXPECT_LE(served.api.first, served.api.last) << served.api.name;
    EXPECT_LE(served.api.advertised, served.api.first) << served.api.name;
  }
  for (int16_t key : {int16_t{-1}, int16_t{24}, int16_t{26}, int16_t{61}}) EXPECT_FALSE(find_api(key));
}

}  // namespace
}  // namespace godwit::protocol::kafka
