#include "cli/command.h"

#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

int list_things(Client& client) { return list(client, "/api/things", "things", {{"NAME", "name"}, {"SIZE", "size"}}); }

/// Runs one client's question with its output caught.
template <class F>
Outcome ask(const FakeAdmin& admin, F&& f, bool json = false) {
  Options options{.url = admin.url(), .space = "a b", .json = json};
  Client client(options);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome{.code = f(client)};
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(Command, AListIsATableWithEmptyCellsForWhatIsMissing) {
  FakeAdmin admin(Said{R"({"things":[{"name":"a","size":7},{"name":"bb"},5]})"});
  Outcome outcome = ask(admin, list_things);
  EXPECT_EQ(outcome.code, kDone);
  EXPECT_EQ(outcome.out, "NAME  SIZE\na     7\nbb\n\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/things?space=a%20b"));
  EXPECT_EQ(admin.asked()[0].body, "");
}

TEST(Command, JsonIsTheReplyAsItCame) {
  FakeAdmin admin(Said{R"({"things":[{"size":7,"more":null}]})"});
  EXPECT_EQ(ask(admin, list_things, true).out, "{\"things\":[{\"size\":7,\"more\":null}]}\n");
}

TEST(Command, AnAnswerWithoutTheListIsNoBrokerOfThisVersion) {
  for (const char* body : {"{}", R"({"things":null})", R"({"things":{"name":"a"}})"}) {
    FakeAdmin admin(Said{body});
    Outcome outcome = ask(admin, list_things);
    EXPECT_EQ(outcome.code, kUnreachable) << body;
    EXPECT_EQ(outcome.out, "") << body;
    EXPECT_EQ(outcome.err,
              fmt::format("godwit: {} answers GET /api/things without a list 'things': another program, or a broker of "
                          "another version; `godwit doctor` says which\n",
                          admin.url()));
  }
}

TEST(Command, WhatIsNoJsonIsNoBroker) {
  for (Said said : {Said{"<html>", 200}, Said{"", 200}, Said{"[1]", 200}, Said{"Service Unavailable", 503}}) {
    FakeAdmin admin(said);
    Outcome outcome = ask(admin, list_things);
    EXPECT_EQ(outcome.code, kUnreachable);
    EXPECT_THAT(outcome.err, HasSubstr(admin.url()));
    EXPECT_THAT(outcome.err, HasSubstr(fmt::format("with status {}", said.status)));
    EXPECT_THAT(outcome.err, HasSubstr("--url"));
  }
}

TEST(Command, ARefusalIsTheBrokersReason) {
  FakeAdmin stopping(Said{R"({"error":"unavailable","message":"the broker is stopping"})", 503});
  Outcome outcome = ask(stopping, list_things, true);
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(outcome.err, "godwit: the broker is stopping\n");
  EXPECT_EQ(outcome.out, "");

  FakeAdmin mute(Said{R"({"error":"not found"})", 404});
  outcome = ask(mute, list_things);
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_THAT(outcome.err, HasSubstr("refuses GET /api/things with status 404"));
}

TEST(Command, AChangeSaysSoOrPrintsTheReply) {
  FakeAdmin admin(Said{R"({"id":3})", 201});
  auto put = [](Client& client) { return change(client, "PUT", "/api/things/x?y=1", {{"n", 1}}, "made x"); };
  Outcome outcome = ask(admin, put);
  EXPECT_EQ(outcome.code, kDone);
  EXPECT_EQ(outcome.out, "made x\n");
  EXPECT_EQ(admin.asked()[0].line(), "PUT /api/things/x?y=1&space=a%20b");
  EXPECT_EQ(admin.asked()[0].body, R"({"n":1})");
  EXPECT_EQ(ask(admin, put, true).out, "{\"id\":3}\n");
}

TEST(Command, AnObjectIsALineAMemberWithoutItsTables) {
  FakeAdmin admin(Said{R"({"name":"a","partitions":3,"none":null,"rows":[{"x":1}],"texts":["b"],"empty":[]})"});
  auto print = [](Client& client) {
    json::value reply;
    if (!client.get("/api/things/a", reply)) return client.exit_code();
    print_object(client, reply);
    return int{kDone};
  };
  EXPECT_EQ(ask(admin, print).out, "name        a\npartitions  3\nnone        \ntexts       [\"b\"]\nempty       []\n");
}

}  // namespace
}  // namespace godwit::cli
