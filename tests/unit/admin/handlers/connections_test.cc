#include "../api_client.h"
#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, AConnectionIsFoundByItsWholeNumber) {
  node_.open = {{.number = 7, .protocol = "kafka"}, {.number = 77, .protocol = "amqp091", .unsent_bytes = 5}};
  EXPECT_EQ(ask("GET", "/api/connections")["connections"].as_array().size(), 2u);
  EXPECT_EQ(ask("GET", "/api/connections/77")["unsent_bytes"], 5);
  for (const char* number : {"8", "07", "7x", "%207"})
    EXPECT_EQ(ask("GET", fmt::format("/api/connections/{}", number)).status, 404u) << number;
}

}  // namespace
}  // namespace godwit::admin
