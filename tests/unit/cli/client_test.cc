#include "cli/client.h"

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

TEST(Client, CellsAreTextWithoutQuotes) {
  json::value object = json::parse(R"({"text":"a","number":5,"null":null,"list":[1]})");
  EXPECT_EQ(cell(object, "text"), "a");
  EXPECT_EQ(cell(object, "number"), "5");
  EXPECT_EQ(cell(object, "null"), "");
  EXPECT_EQ(cell(object, "absent"), "");
  EXPECT_EQ(cell(object, "list"), "[1]");
}

TEST(Client, ExitCodesTellUsageFromNobodyThere) {
  json::value reply;
  Options wrong{.url = "ftp://x"};
  Client misused(wrong);
  EXPECT_FALSE(misused.get("/", reply));
  EXPECT_EQ(misused.exit_code(), kUsage);
  Options nobody{.url = "http://127.0.0.1:1"};
  Client alone(nobody);
  EXPECT_FALSE(alone.get("/", reply));
  EXPECT_EQ(alone.exit_code(), kUnreachable);
}

}  // namespace
}  // namespace godwit::cli
