#include "admin/http.h"

#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

TEST(ParseTarget, DecodesSegmentsAfterSplitting) {
  Request request;
  ASSERT_TRUE(parse_target("/api/queues/a%2Fb/messages?max=5&offset=%2B1&empty", request));
  EXPECT_EQ(request.path, (std::vector<std::string>{"api", "queues", "a/b", "messages"}));
  EXPECT_EQ(request.query.at("max"), "5");
  EXPECT_EQ(request.query.at("offset"), "+1");
  EXPECT_EQ(request.query.at("empty"), "");
}

TEST(ParseTarget, RefusesWhatIsMalformed) {
  for (const char* target : {"", "api", "/a%2", "/a%zz", "/a?b=%4", "http://x/"}) {
    Request request;
    EXPECT_FALSE(parse_target(target, request)) << target;
  }
}

TEST(TrustedOrigin, LocalNamesAndAddressesOnly) {
  EXPECT_TRUE(trusted_origin("localhost:8080", ""));
  EXPECT_TRUE(trusted_origin("127.0.0.1:8080", ""));
  EXPECT_TRUE(trusted_origin("[::1]:8080", ""));
  EXPECT_TRUE(trusted_origin("localhost:8080", "http://localhost:8080"));
  EXPECT_FALSE(trusted_origin("evil.example:8080", ""));
  EXPECT_FALSE(trusted_origin("localhost:8080", "http://evil.example"));
  EXPECT_FALSE(trusted_origin("localhost:8080", "null"));
  EXPECT_FALSE(trusted_origin("", ""));
}

}  // namespace
}  // namespace godwit::admin
