#include "cli/show.h"

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

TEST(Show, BodiesThatAreNoTextStayBase64) {
  EXPECT_EQ(body_text(json::parse(R"({"body":"x"})")), "x");
  EXPECT_EQ(body_text(json::parse(R"({"body":{"base64":"/w=="}})")), "/w==");
  EXPECT_EQ(body_text(json::parse("5")), "");
}

TEST(Show, AKeyStandsBeforeTheBody) {
  Options options;
  Client client(options);
  testing::internal::CaptureStdout();
  print_message(client, json::parse(R"({"key":"k","body":"x"})"), "2:7");
  print_message(client, json::parse(R"({"body":"y"})"), "8");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "2:7  k  x\n8  y\n");
}

}  // namespace
}  // namespace godwit::cli
