#include "../api_client.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, AnAlarmIsThatPublishersAreBlocked) {
  ask("GET", "/health/alarms");
  node_.asked({});
  EXPECT_EQ(answer().status, 200u);
  ask("GET", "/health/alarms");
  node_.asked({.publishers_blocked = true});
  EXPECT_EQ(answer().status, 503u);
  EXPECT_EQ(ask("GET", "/health/ready").status, 200u) << "consumers are served";
}

}  // namespace
}  // namespace godwit::admin
