#include "cli/follow.h"

#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A log whose offsets 2 and 3 hold nothing to show.
Said log(const Asked& asked) {
  auto from = [&](const char* offset) {
    return asked.target.find(fmt::format("offset={}&", offset)) != std::string::npos;
  };
  if (from("start")) return {R"({"messages":[{"offset":0,"body":"a"},{"offset":1,"body":"b"}],"next":2})"};
  if (from("2")) return {R"({"messages":[],"next":4})"};
  if (from("4")) return {R"({"messages":[{"offset":4,"body":"c"}],"next":5})"};
  if (from("5")) return {R"({"messages":[],"next":5})"};
  return {R"({"message":"no such offset"})", 400};
}

TEST(Follow, ReadingATopicGoesPastWhatHoldsNoMessages) {
  FakeAdmin admin(log);
  Outcome outcome = run(admin, {"messages", "read", "t", "--partition", "3"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "0  a\n1  b\n4  c\n");
  EXPECT_EQ(admin.asked()[0].line(),
            "GET /api/topics/t/partitions/3/messages?offset=start&max=100&wait_ms=0&space=default");
}

TEST(Follow, FollowingATopicWaitsAndEndsAtItsCount) {
  FakeAdmin admin(log);
  EXPECT_EQ(run(admin, {"consume", "--topic", "t", "--partition", "0", "--from", "start", "-n", "3"}).out,
            "0  a\n1  b\n4  c\n");
  EXPECT_THAT(admin.lines(), Contains(HasSubstr("offset=2&max=1&wait_ms=10000")));
  EXPECT_EQ(run(admin, {"consume", "--topic", "t", "--partition", "0", "--from", "x"}).code, kRefused);
}

TEST(Follow, TheLastFewAreAskedFor) {
  FakeAdmin admin(Said{R"({"messages":[{"offset":7,"body":"a"}],"next":8})"});
  EXPECT_EQ(run(admin, {"consume", "--topic", "t", "--partition", "0", "--from", "-10", "-n", "1"}).out, "7  a\n");
  EXPECT_THAT(admin.lines(), ElementsAre(HasSubstr("offset=-10&")));
}

/// Three partitions; a message's body is the time of its append.
class Log {
 public:
  Said operator()(const Asked& asked) {
    if (asked.target.starts_with("/api/topics/t?"))
      return {R"({"offsets":[{"partition":0},{"partition":1},{"partition":2}]})"};
    constexpr std::string_view kPath = "/api/topics/t/partitions/";
    if (!asked.target.starts_with(kPath)) return {R"({"message":"there is no such thing"})", 404};
    size_t partition = static_cast<size_t>(asked.target[kPath.size()] - '0');
    std::string text = asked.target.substr(asked.target.find("offset=") + 7);
    size_t offset = text.starts_with("start") ? 0
                    : text.starts_with("end") ? times[partition].size()
                                              : std::stoul(text);
    size_t max = std::stoul(asked.target.substr(asked.target.find("max=") + 4));
    boost::json::array messages;
    for (; offset < times[partition].size() && messages.size() < max; ++offset)
      messages.push_back(boost::json::object{{"offset", offset},
                                             {"append_ms", times[partition][offset]},
                                             {"body", std::to_string(times[partition][offset])}});
    if (messages.empty() && !late.empty()) times[0].push_back(late.back()), late.pop_back();
    return {boost::json::serialize(boost::json::object{{"messages", messages}, {"next", offset}})};
  }

  std::vector<int64_t> times[3];
  std::vector<int64_t> late;  ///< of partition 0: one more each time that a partition has nothing
};

TEST(Follow, AllPartitionsAreMergedInTheOrderOfAppend) {
  Log log;
  std::string expected;
  size_t next[3] = {0, 0, 0};
  for (int64_t ms = 0; ms < 700; ++ms) {
    size_t partition = ms % 10 == 0 ? 2 : ms < 300 ? 0 : 1;
    log.times[partition].push_back(ms);
    expected += fmt::format("{}:{}  {}\n", partition, next[partition]++, ms);
  }
  FakeAdmin admin(std::ref(log));
  Outcome outcome = run(admin, {"messages", "read", "t"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, expected);
  EXPECT_THAT(admin.lines(), Not(Contains(HasSubstr("max=100")))) << "no more is held than of one partition";
}

TEST(Follow, ACountIsOfAllPartitionsTogether) {
  Log log{.times = {{1, 4}, {2, 5}, {3, 6}}, .late = {}};
  FakeAdmin admin(std::ref(log));
  EXPECT_EQ(run(admin, {"consume", "--topic", "t", "--from", "start", "-n", "4"}).out,
            "0:0  1\n1:0  2\n2:0  3\n0:1  4\n");
  EXPECT_THAT(run(admin, {"messages", "read", "t", "-n", "2", "--json"}).out,
              HasSubstr(R"("body":"2","partition":1})"));
}

TEST(Follow, WhatComesLaterInAnyPartitionIsShown) {
  Log log{.times = {{1}, {}, {}}, .late = {9, 8}};
  FakeAdmin admin(std::ref(log));
  EXPECT_EQ(run(admin, {"consume", "--topic", "t", "-n", "2"}).out, "0:1  8\n0:2  9\n");
}

TEST(Follow, AnOffsetIsOfOnePartition) {
  Log log{.times = {{1, 4}, {2, 5}, {3, 6}}, .late = {}};
  FakeAdmin admin(std::ref(log));
  Outcome outcome = run(admin, {"messages", "read", "t", "--from", "1"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("give --partition"));
  EXPECT_EQ(run(admin, {"messages", "read", "t", "--from", "1", "--partition", "2"}).out, "1  6\n");
}

TEST(Follow, OnePartitionIsNotNamed) {
  FakeAdmin admin([](const Asked& asked) {
    if (asked.target.starts_with("/api/topics/t?")) return Said{R"({"offsets":[{"partition":0}]})"};
    return log(asked);
  });
  EXPECT_EQ(run(admin, {"messages", "read", "t"}).out, "0  a\n1  b\n4  c\n");
}

TEST(Follow, UnexpectedAnswersAreErrors) {
  for (const char* body : {"{}", R"({"messages":[]})", R"({"messages":7,"next":1})", R"({"offsets":[7]})"}) {
    for (std::vector<std::string> arguments :
         {std::vector<std::string>{"messages", "read", "t"}, {"messages", "read", "t", "--partition", "0"}}) {
      FakeAdmin admin(Said{body});
      EXPECT_EQ(run(admin, arguments).code, kUnreachable) << body;
    }
  }
}

}  // namespace
}  // namespace godwit::cli
