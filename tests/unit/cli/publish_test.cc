#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <iostream>
#include <sstream>

#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kOne = R"({"routed":true,"messages":[{"topic":"t","partition":2,"offset":17}]})";

/// Standard input for as long as it lives.
class Input {
 public:
  explicit Input(const std::string& text) : from_(text) {
    std::ios::sync_with_stdio(false);  // the first such call, which may be the command's, sets another buffer
    before_ = std::cin.rdbuf(from_.rdbuf());
    std::cin.clear();
  }
  ~Input() { std::cin.rdbuf(before_); }

 private:
  std::istringstream from_;
  std::streambuf* before_ = nullptr;
};

std::vector<std::string> bodies(const FakeAdmin& admin, size_t i) {
  std::vector<std::string> found;
  boost::json::value body = admin.body(i);
  for (const auto& message : body.at("messages").as_array()) found.emplace_back(message.at("body").as_string());
  return found;
}

TEST(Publish, EachTargetHasItsPath) {
  FakeAdmin admin(Said{kOne, 201});
  EXPECT_EQ(run(admin, {"publish", "t", "--body", "x"}).out, "t partition 2 offset 17\n");
  run(admin, {"publish", "--queue", "q/1", "--body", "x"});
  run(admin, {"publish", "--exchange", "e", "--routing-key", "k", "--body", "x", "--space", "s"});
  EXPECT_THAT(admin.lines(),
              ElementsAre("POST /api/topics/t/messages?space=default", "POST /api/queues/q%2F1/messages?space=default",
                          "POST /api/exchanges/e/messages?space=s"));
  EXPECT_EQ(admin.asked()[0].body, R"({"body":"x"})");
  EXPECT_EQ(admin.body(2), boost::json::parse(R"({"body":"x","routing_key":"k"})"));
}

TEST(Publish, OneTargetOrNothingIsSent) {
  FakeAdmin admin(Said{kOne, 201});
  EXPECT_EQ(run(admin, {"publish", "--body", "x"}).code, kUsage);
  Outcome outcome = run(admin, {"publish", "t", "--queue", "q", "--body", "x"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("one of TOPIC, --queue, --exchange"));
  EXPECT_THAT(admin.asked(), ElementsAre());
}

TEST(Publish, HeadersKeepWhatFollowsTheFirstEquals) {
  FakeAdmin admin(Said{kOne, 201});
  run(admin, {"publish", "t", "--key", "k", "--partition", "0", "--content-type", "text/plain", "--header", "a=b=c",
              "--header", "empty=", "--body", ""});
  EXPECT_EQ(admin.body(0), boost::json::parse(R"({"body":"","key":"k","partition":0,"content_type":"text/plain",
                                                  "headers":{"a":"b=c","empty":""}})"));
  for (const char* header : {"bare", "=value", ""}) {
    Outcome outcome = run(admin, {"publish", "t", "--body", "x", "--header", header});
    EXPECT_EQ(outcome.code, kUsage) << header;
    EXPECT_THAT(outcome.err, HasSubstr("expected name=value")) << header;
  }
  EXPECT_EQ(admin.asked().size(), 1u);
}

TEST(Publish, APartitionIsANumberFromZeroOn) {
  FakeAdmin admin(Said{kOne, 201});
  EXPECT_EQ(run(admin, {"publish", "t", "--partition", "-5", "--body", "x"}).code, kUsage);
  EXPECT_EQ(run(admin, {"publish", "t", "--partition", "one", "--body", "x"}).code, kUsage);
  EXPECT_THAT(admin.asked(), ElementsAre());
}

TEST(Publish, ADashReadsAllOfTheInput) {
  FakeAdmin admin(Said{kOne, 201});
  Input input("one\ntwo\n");
  run(admin, {"publish", "t", "--body", "-"});
  EXPECT_EQ(admin.body(0).at("body"), "one\ntwo\n");
}

TEST(Publish, WithoutABodyTheInputIsRead) {
  FakeAdmin admin(Said{kOne, 201});
  Input input("one\n");
  run(admin, {"publish", "t"});
  EXPECT_EQ(admin.body(0).at("body"), "one\n");
}

TEST(Publish, NothingIsNotPublished) {
  FakeAdmin admin(Said{kOne, 201});
  int input = ::dup(STDIN_FILENO);
  int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  ::dup2(terminal, STDIN_FILENO);
  Outcome outcome = run(admin, {"publish", "t"});
  ::dup2(input, STDIN_FILENO);
  ::close(input);
  ::close(terminal);
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("nothing to publish"));
  EXPECT_EQ(run(admin, {"publish", "t", "--lines", "--body", "x"}).code, kUsage);
  EXPECT_THAT(admin.asked(), ElementsAre());
}

TEST(Publish, WhatIsNoUtf8GoesAsBase64) {
  FakeAdmin admin(Said{kOne, 201});
  Input input(std::string("\xff\0\x01", 3));
  run(admin, {"publish", "t", "--body", "-"});
  EXPECT_EQ(admin.body(0).at("body"), boost::json::parse(R"({"base64":"/wAB"})"));
}

TEST(Publish, NothingThatTakesTheKeyIsSaid) {
  FakeAdmin admin(Said{R"({"routed":false,"messages":[]})", 201});
  Outcome outcome = run(admin, {"publish", "--exchange", "e", "--body", "x"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(outcome.err, "godwit: no queue takes this routing key: the message was dropped\n");
  outcome = run(admin, {"publish", "--exchange", "e", "--body", "x", "--json"});
  EXPECT_EQ(outcome.out, "{\"routed\":false,\"messages\":[]}\n");
  EXPECT_EQ(outcome.code, kRefused);
}

TEST(Publish, LinesThatNoQueueTakesAreCounted) {
  FakeAdmin admin(Said{R"({"routed":false,"messages":[{"message":1},{"message":1}]})", 201});
  Input input("one\ntwo\nthree");
  Outcome outcome = run(admin, {"publish", "--exchange", "e", "--lines"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(outcome.out, "published 1 messages\n");
  EXPECT_EQ(outcome.err, "godwit: no queue takes this routing key: 2 of 3 messages were dropped\n");
}

TEST(Publish, AnAnswerWithoutMessagesIsAnError) {
  FakeAdmin admin(Said{"{}", 201});
  Outcome outcome = run(admin, {"publish", "t", "--body", "x"});
  EXPECT_EQ(outcome.code, kUnreachable);
  EXPECT_THAT(outcome.err, HasSubstr("without a list 'messages'"));
}

TEST(Publish, LinesGoInRequestsOfAtMostAThousand) {
  FakeAdmin admin(Said{kOne, 201});
  std::string text;
  for (int i = 0; i < 2'500; ++i) text += fmt::format("line {}\n", i);
  Input input(text + "no newline");
  Outcome outcome = run(admin, {"publish", "t", "--lines"});
  EXPECT_EQ(outcome.out, "published 2501 messages\n");
  std::vector<std::string> all;
  for (size_t i = 0; i < admin.asked().size(); ++i) {
    std::vector<std::string> some = bodies(admin, i);
    EXPECT_LE(some.size(), 1'000u);
    all.insert(all.end(), some.begin(), some.end());
  }
  ASSERT_EQ(all.size(), 2'501u);
  for (int i = 0; i < 2'500; ++i) EXPECT_EQ(all[static_cast<size_t>(i)], fmt::format("line {}", i));
  EXPECT_EQ(all.back(), "no newline");
}

TEST(Publish, LongLinesAreSentBeforeTheirRequestIsTooLarge) {
  FakeAdmin admin(Said{kOne, 201});
  Input input(std::string(700'000, 'a') + "\n" + std::string(700'000, 'b') + "\n" + std::string(700'000, 'c') + "\n");
  EXPECT_EQ(run(admin, {"publish", "t", "--lines"}).out, "published 3 messages\n");
  ASSERT_EQ(admin.asked().size(), 2u);
  EXPECT_EQ(bodies(admin, 0).size(), 2u);
}

TEST(Publish, ARefusalAmongLinesSaysHowManyWereTaken) {
  int asked = 0;
  FakeAdmin admin(
      [&](const Asked&) { return ++asked == 1 ? Said{kOne, 201} : Said{R"({"message":"the disk is full"})", 507}; });
  std::string text;
  for (int i = 0; i < 1'500; ++i) text += "x\n";
  Input input(text);
  Outcome outcome = run(admin, {"publish", "t", "--lines"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(outcome.out, "published 1000 messages\n");
  EXPECT_EQ(outcome.err, "godwit: the disk is full\n");
}

TEST(Publish, NoLinesAskNothing) {
  FakeAdmin admin(Said{kOne, 201});
  Input input("");
  EXPECT_EQ(run(admin, {"publish", "t", "--lines"}).out, "published 0 messages\n");
  EXPECT_THAT(admin.asked(), ElementsAre());
}

}  // namespace
}  // namespace godwit::cli
