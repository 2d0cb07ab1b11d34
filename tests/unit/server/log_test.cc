#include "server/log.h"

#include <gtest/gtest.h>

namespace godwit::server::log {
namespace {

TEST(Log, ALineIsASentenceAndFields) {
  EXPECT_EQ(line(Format::kText, "ready", {{"port", 5672}, {"peer", "127.0.0.1:1"}}),
            "ready port=5672 peer=127.0.0.1:1");
}

TEST(Log, NothingBreaksALine) {
  EXPECT_EQ(line(Format::kText, "x", {{"reason", "two words"}, {"name", "a\nb"}, {"empty", ""}}),
            "x reason=\"two words\" name=\"a\\nb\" empty=\"\"");
}

TEST(Log, APeersWordsAreBoundedAndUtf8) {
  EXPECT_EQ(line(Format::kText, "x", {{"name", "a\xff"}}), "x name=a\xef\xbf\xbd");
  EXPECT_EQ(line(Format::kText, "x", {{"name", std::string(100'000, 'a')}}),
            "x name=" + std::string(1024, 'a') + "...");
}

TEST(Log, JsonIsAnObject) {
  EXPECT_EQ(line(Format::kJson, "ready", {{"name", "a\"b"}}), "{\"event\":\"ready\",\"name\":\"a\\\"b\"}");
}

TEST(Log, TheLevelDecides) {
  start("warn", "text");
  EXPECT_FALSE(enabled(Level::kInfo));
  EXPECT_TRUE(enabled(Level::kError));
  start("info", "text");
  EXPECT_TRUE(enabled(Level::kInfo));
}

}  // namespace
}  // namespace godwit::server::log
