#include <fcntl.h>

#include <chrono>
#include <map>
#include <set>

#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace json = boost::json;

/// A queue of messages with the bodies 0, 1, …, as its HTTP calls see it.
class Queue {
 public:
  explicit Queue(int messages) {
    for (int i = 0; i < messages; ++i) ready.insert(i);
  }
  Said operator()(const Asked& asked) {
    json::value body = json::parse(asked.body.empty() ? "{}" : asked.body);
    if (asked.target.starts_with("/api/queues/q/receive")) return receive(body);
    if (asked.target.starts_with("/api/queues/q/settle")) return settle(body);
    return {R"({"message":"there is no such thing"})", 404};
  }

  std::set<int64_t> ready;
  std::map<int64_t, int64_t> leased;  ///< attempt by offset
  std::vector<int64_t> accepted;
  int64_t released = 0;

 private:
  Said receive(const json::value& body) {
    json::array messages;
    while (!ready.empty() && static_cast<int64_t>(messages.size()) < body.at("max").as_int64()) {
      int64_t offset = *ready.begin();
      ready.erase(ready.begin());
      leased[offset] = ++attempts_;
      messages.push_back(
          json::object{{"partition", 0}, {"offset", offset}, {"attempt", attempts_}, {"body", std::to_string(offset)}});
    }
    return {json::serialize(json::object{{"queue", "q"}, {"messages", messages}})};
  }
  Said settle(const json::value& body) {
    int64_t settled = 0;
    for (const json::value& m : body.at("messages").as_array()) {
      auto lease = leased.find(m.at("offset").as_int64());
      if (lease == leased.end() || lease->second != m.at("attempt").as_int64()) continue;
      ++settled;
      if (body.at("verb") == "accept") accepted.push_back(lease->first);
      if (body.at("verb") == "release") ready.insert(lease->first), ++released;
      leased.erase(lease);
    }
    if (settled == 0) return {R"({"error":"lease lost","message":"none is leased"})", 409};
    return {json::serialize(json::object{{"settled", settled}})};
  }

  int64_t attempts_ = 0;
};

std::string numbered(int64_t count) {
  std::string lines;
  for (int64_t i = 0; i < count; ++i) lines += fmt::format("{}  {}\n", i, i);
  return lines;
}

TEST(Consume, OnceTakesAllThatIsThereInOrder) {
  Queue queue(250);
  FakeAdmin admin(std::ref(queue));
  Outcome outcome = run(admin, {"consume", "q", "--once"});
  EXPECT_EQ(outcome.code, kDone);
  EXPECT_EQ(outcome.out, numbered(250));
  EXPECT_EQ(queue.accepted.size(), 250u);
  EXPECT_TRUE(queue.leased.empty());
  EXPECT_EQ(admin.body(0).at("wait_ms"), 0);
}

TEST(Consume, ACountTakesNoMoreThanThat) {
  Queue queue(250);
  FakeAdmin admin(std::ref(queue));
  EXPECT_EQ(run(admin, {"consume", "q", "-n", "130"}).out, numbered(130));
  EXPECT_EQ(queue.accepted.size(), 130u);
  EXPECT_EQ(queue.ready.size(), 120u);
  EXPECT_EQ(admin.body(0).at("wait_ms"), 10'000);
}

TEST(Consume, ReleaseShowsEachMessageOnceAndEnds) {
  for (std::vector<std::string> more : {std::vector<std::string>{}, {"--once"}, {"-n", "1000"}}) {
    Queue queue(250);
    FakeAdmin admin(std::ref(queue));
    std::vector<std::string> arguments{"consume", "q", "--release"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Outcome outcome = run(admin, arguments);
    EXPECT_EQ(outcome.code, kDone) << outcome.err;
    EXPECT_EQ(outcome.out, numbered(250));
    EXPECT_EQ(queue.ready.size(), 250u);
    EXPECT_TRUE(queue.leased.empty());
    EXPECT_EQ(outcome.err, "");
  }
}

TEST(Consume, ReleaseEndsAtItsCount) {
  Queue queue(250);
  FakeAdmin admin(std::ref(queue));
  EXPECT_EQ(run(admin, {"consume", "q", "--release", "-n", "120"}).out, numbered(120));
  EXPECT_EQ(queue.released, 120);
}

TEST(Consume, ReleaseOfAnEmptyQueueEnds) {
  Queue queue(0);
  FakeAdmin admin(std::ref(queue));
  Outcome outcome = run(admin, {"consume", "q", "--release"});
  EXPECT_EQ(outcome.code, kDone);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(admin.asked().size(), 1u);
}

TEST(Consume, ReleaseHasABoundThatItNames) {
  Queue queue(10'050);
  FakeAdmin admin(std::ref(queue));
  Outcome outcome = run(admin, {"consume", "q", "--release"});
  EXPECT_EQ(outcome.code, kDone);
  EXPECT_EQ(outcome.out, numbered(10'000));
  EXPECT_THAT(outcome.err, HasSubstr("there may be more"));
  EXPECT_EQ(queue.ready.size(), 10'050u);
}

TEST(Consume, ReleasePutsBackWhatItHasWhenTheNextRequestIsRefused) {
  Queue queue(250);
  int receives = 0;
  FakeAdmin admin([&](const Asked& asked) {
    bool refuse = asked.target.starts_with("/api/queues/q/receive") && ++receives == 2;
    return refuse ? Said{R"({"message":"the broker is stopping"})", 503} : queue(asked);
  });
  Outcome outcome = run(admin, {"consume", "q", "--release"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(outcome.out, numbered(100));
  EXPECT_EQ(outcome.err, "godwit: the broker is stopping\n");
  EXPECT_EQ(queue.ready.size(), 250u);
}

/// What stood in the output file when the broker was asked to accept.
std::string shown_when_accepted(std::vector<std::string> arguments) {
  std::string path = testing::TempDir() + "/godwit-consume-output";
  std::string shown;
  Queue queue(1);
  FakeAdmin admin([&](const Asked& asked) {
    if (asked.target.starts_with("/api/queues/q/settle")) {
      int file = ::open(path.c_str(), O_RDONLY);
      std::array<char, 256> piece;
      ssize_t n = ::read(file, piece.data(), piece.size());
      ::close(file);
      shown.assign(piece.data(), static_cast<size_t>(n));
    }
    return queue(asked);
  });
  std::fflush(stdout);
  int output = ::dup(1);
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, 1);
  arguments.insert(arguments.end(), {"--url", admin.url()});
  CLI::App app("test", "godwit");
  Options options;
  int code = 0;
  add_commands(app, options, code);
  std::ranges::reverse(arguments);
  app.parse(std::move(arguments));
  ::dup2(output, 1);
  ::close(output);
  ::close(file);
  ::unlink(path.c_str());
  return shown;
}

TEST(Consume, NoMessageIsAcceptedBeforeItWasShown) {
  EXPECT_EQ(shown_when_accepted({"consume", "q", "--once"}), "0  0\n");
  EXPECT_THAT(shown_when_accepted({"consume", "q", "--once", "--json"}), HasSubstr("\"body\":\"0\"}\n"));
}

TEST(Consume, WhatCannotBeShownIsNotAccepted) {
  Queue queue(1);
  FakeAdmin admin(std::ref(queue));
  std::fflush(stdout);
  int output = ::dup(1);
  int full = ::open("/dev/full", O_WRONLY);
  ::dup2(full, 1);
  testing::internal::CaptureStderr();
  Options options{.url = admin.url()};
  CLI::App app("test", "godwit");
  int code = 0;
  add_commands(app, options, code);
  app.parse("consume q --once --url " + admin.url());
  std::clearerr(stdout);
  ::dup2(output, 1);
  ::close(output);
  ::close(full);
  EXPECT_EQ(code, kRefused);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("the output cannot be written: No space left"));
  EXPECT_TRUE(queue.accepted.empty());
}

TEST(Consume, AQueueThatAnswersWithoutWaitingIsNotAskedWithoutAPause) {
  int asked = 0;
  FakeAdmin admin([&](const Asked& a) {
    if (a.target.starts_with("/api/queues/q/settle")) return Said{R"({"settled":1})"};
    return ++asked < 3 ? Said{R"({"messages":[]})"}
                       : Said{R"({"messages":[{"partition":0,"offset":1,"attempt":1,"body":"x"}]})"};
  });
  auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run(admin, {"consume", "q", "-n", "1"}).out, "1  x\n");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(400));
}

TEST(Consume, BodiesKeysAndBytes) {
  FakeAdmin admin(Said{R"({"messages":[{"offset":1,"key":"k","body":"x"},{"offset":2,"body":{"base64":"/w=="}}]})"});
  EXPECT_EQ(run(admin, {"messages", "peek", "q", "-n", "2"}).out, "1  k  x\n2  /w==\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/queues/q/messages?max=2&space=default"));
}

TEST(Consume, UnexpectedAnswersAreErrors) {
  for (const char* body :
       {"{}", R"({"messages":{}})", R"({"messages":[5]})", R"({"messages":[{"partition":0,"offset":1}]})",
        R"({"messages":[{"partition":0,"offset":"1","attempt":1,"body":"x"}]})"}) {
    for (std::vector<std::string> arguments :
         {std::vector<std::string>{"consume", "q", "--once"}, {"consume", "q", "--release"}}) {
      FakeAdmin admin(Said{body});
      Outcome outcome = run(admin, arguments);
      EXPECT_EQ(outcome.code, kUnreachable) << body;
      EXPECT_THAT(outcome.err,
                  StartsWith(fmt::format("godwit: {} answers POST /api/queues/q/receive without a ", admin.url())))
          << body;
      EXPECT_EQ(admin.asked().size(), 1u) << body;
    }
  }
  FakeAdmin admin(Said{"{}"});
  EXPECT_EQ(run(admin, {"messages", "peek", "q"}).code, kUnreachable);
}

TEST(Consume, OneSourceOrNothingIsAsked) {
  FakeAdmin admin(Said{"{}"});
  EXPECT_EQ(run(admin, {"consume"}).code, kUsage);
  EXPECT_EQ(run(admin, {"consume", "q", "--topic", "t"}).code, kUsage);
  EXPECT_THAT(admin.asked(), ElementsAre());
}

}  // namespace
}  // namespace godwit::cli
