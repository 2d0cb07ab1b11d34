#include "cli/http_client.h"

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

TEST(HttpClient, ReadsUrls) {
  auto url = parse_url("http://127.0.0.1:8080");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, "8080");
  EXPECT_EQ(parse_url("localhost/")->port, "80");
  EXPECT_EQ(parse_url("http://[::1]:9")->host, "[::1]");
  EXPECT_EQ(parse_url("http://[::1]:9")->port, "9");
  EXPECT_FALSE(parse_url("http://"));
  EXPECT_FALSE(parse_url("https://x:1"));
  EXPECT_FALSE(parse_url("http://x:y"));
}

TEST(HttpClient, EncodesWhatAPathCannotHold) { EXPECT_EQ(url_encode("a/b c%é"), "a%2Fb%20c%25%C3%A9"); }

TEST(HttpClient, NobodyThereIsNoAnswer) {
  auto url = parse_url("http://127.0.0.1:1");
  auto reply = HttpClient(*url).ask("GET", "/", "", 5'000);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace godwit::cli
