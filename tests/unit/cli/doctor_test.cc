#include <filesystem>

#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A directory that goes away with the test.
class Directory {
 public:
  Directory() {
    char name[] = "/tmp/godwit-doctor-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string found(const Outcome& outcome, const std::string& check, const char* member) {
  json::value reply = json::parse(outcome.out);
  for (const json::value& finding : reply.at("findings").as_array())
    if (cell(finding, "check") == check) return cell(finding, member);
  return "no such check";
}

constexpr const char* kOverview =
    R"({"version":"1.2.3","publishers_blocked":false,"totals":{"journal_used_bytes":5,"journal_capacity_bytes":10,"process_resident_bytes":99}})";

TEST(Doctor, FindsTheDiskAndTheBroker) {
  Directory data;
  FakeAdmin admin(Said{kOverview});
  Outcome outcome = run(admin, {"doctor", "--data", data.path(), "--json"});
  EXPECT_EQ(admin.asked().at(0).line(), "GET /api/overview");
  EXPECT_THAT(found(outcome, "disk sync", "found"), HasSubstr("median "));
  EXPECT_THAT(found(outcome, "disk space", "found"), HasSubstr("MiB free"));
  EXPECT_EQ(found(outcome, "broker", "found"), "version 1.2.3");
  EXPECT_EQ(found(outcome, "broker", "advice"), "");
  EXPECT_EQ(found(outcome, "journal", "found"), "5 of 10 bytes in use");
  EXPECT_EQ(found(outcome, "memory", "found"), "99 bytes resident");
  EXPECT_EQ(found(outcome, "publishers", "found"), "free");
  EXPECT_TRUE(std::filesystem::is_empty(data.path())) << "what was written to measure is left behind";
}

TEST(Doctor, TheTableSaysOkOrWhatToDo) {
  Directory data;
  FakeAdmin admin(Said{kOverview});
  Outcome outcome = run(admin, {"doctor", "--data", data.path()});
  EXPECT_THAT(outcome.out, HasSubstr("CHECK"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("broker +version 1.2.3 +ok"));
}

TEST(Doctor, ABlockedBrokerNeedsAttention) {
  Directory data;
  FakeAdmin admin(Said{R"({"version":"1","publishers_blocked":true,"totals":{}})"});
  Outcome outcome = run(admin, {"doctor", "--data", data.path(), "--json"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(found(outcome, "publishers", "found"), "held back");
  EXPECT_EQ(found(outcome, "publishers", "advice"), "memory or disk is short");
}

TEST(Doctor, TheBrokersReserveIsCompared) {
  Directory data;
  for (bool is_short : {false, true}) {
    FakeAdmin admin(Said{fmt::format(
        R"({{"version":"1","publishers_blocked":{},"totals":{{"disk_free_bytes":{},"disk_reserve_bytes":2097152}}}})",
        is_short, is_short ? 1048576 : 4194304)});
    Outcome outcome = run(admin, {"doctor", "--data", data.path(), "--json"});
    EXPECT_EQ(found(outcome, "broker's disk", "found"),
              is_short ? "1 MiB free, 2 MiB in reserve" : "4 MiB free, 2 MiB in reserve");
    EXPECT_EQ(found(outcome, "broker's disk", "advice").empty(), !is_short);
  }
}

TEST(Doctor, AMissingDirectoryAndBrokerAreFindings) {
  Outcome outcome = run({"doctor", "--data", "/nowhere/at/all", "--json", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(found(outcome, "disk sync", "advice"), "/nowhere/at/all cannot be written");
  EXPECT_EQ(found(outcome, "broker", "found"), "not reached");
  EXPECT_THAT(found(outcome, "broker", "advice"), HasSubstr("http://127.0.0.1:1"));
}

TEST(Doctor, WhatAnswersMayBeNoBroker) {
  Directory data;
  for (Said said : {Said{"<html>", 200}, Said{"[]", 200}, Said{R"({"hello":"I am another program"})", 200},
                    Said{R"({"message":"no such path"})", 404}}) {
    FakeAdmin admin(said);
    Outcome outcome = run(admin, {"doctor", "--data", data.path(), "--json"});
    EXPECT_EQ(outcome.code, kRefused) << said.body;
    EXPECT_EQ(found(outcome, "broker", "found"), "unknown") << said.body;
    EXPECT_THAT(found(outcome, "broker", "advice"), Not("")) << said.body;
  }
}

TEST(Doctor, AFileOfTheMeasurementsNameIsLeftAlone) {
  Directory data;
  std::string path = data.path() + "/.godwit-doctor";
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fputs("mine", file);
  std::fclose(file);
  run({"doctor", "--data", data.path(), "--url", "http://127.0.0.1:1"});
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(std::filesystem::file_size(path), 4u);
}

}  // namespace
}  // namespace godwit::cli
