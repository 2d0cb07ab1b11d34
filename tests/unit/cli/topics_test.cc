#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kTopic =
    R"({"name":"t","partitions":2,"offsets":[{"partition":0,"start":5,"end":12},{"partition":1,"start":0,"end":0}]})";

TEST(Topics, ListShowsWhatPeopleLookFor) {
  FakeAdmin admin(Said{R"({"topics":[{"name":"t","partitions":3,"retention":"time","own_queue":false}]})"});
  EXPECT_EQ(run(admin, {"topics", "list"}).out,
            "NAME  PARTITIONS  RETENTION  OWN QUEUE\nt              3  time       false\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/topics?space=default"));
}

TEST(Topics, ShowHasALineAPartition) {
  FakeAdmin admin(Said{kTopic});
  Outcome outcome = run(admin, {"topics", "show", "a/b", "--space", "s"});
  EXPECT_EQ(outcome.code, kDone);
  EXPECT_EQ(outcome.out,
            "name        t\npartitions  2\n\nPARTITION  START  END\n        0      5   12\n        1      0    0\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/topics/a%2Fb?space=s"));
  EXPECT_EQ(run(admin, {"topics", "show", "t", "--json"}).out, std::string(kTopic) + "\n");
}

TEST(Topics, ShowOfAnAnswerWithoutOffsetsIsAnError) {
  FakeAdmin admin(Said{R"({"name":"t"})"});
  Outcome outcome = run(admin, {"topics", "show", "t"});
  EXPECT_EQ(outcome.code, kUnreachable);
  EXPECT_THAT(outcome.err, HasSubstr("GET /api/topics/t without a list 'offsets'"));
  EXPECT_EQ(outcome.out, "");
}

TEST(Topics, CreateSendsOnlyWhatWasSaid) {
  FakeAdmin admin(Said{"{}", 201});
  EXPECT_EQ(run(admin, {"topics", "create", "t"}).out, "created topic t\n");
  EXPECT_EQ(admin.asked()[0].line(), "PUT /api/topics/t?space=default");
  EXPECT_EQ(admin.asked()[0].body, R"({"partitions":1,"retention":"time"})");
  run(admin, {"topics", "create", "t", "--partitions", "4", "--retention", "compact", "--retention-ms", "-1",
              "--retention-bytes", "1024"});
  EXPECT_EQ(admin.asked()[1].body,
            R"({"partitions":4,"retention":"compact","retention_ms":-1,"retention_bytes":1024})");
}

TEST(Topics, DeleteTellsWhyNot) {
  FakeAdmin admin([](const Asked& asked) {
    return asked.target.starts_with("/api/topics/t?") ? Said{R"({"deleted":true})"}
                                                      : Said{R"({"message":"a subscription is attached"})", 409};
  });
  Outcome outcome = run(admin, {"topics", "delete", "t"});
  EXPECT_EQ(outcome.out, "deleted topic t\n");
  EXPECT_EQ(admin.asked()[0].method, "DELETE");
  outcome = run(admin, {"topics", "delete", "u"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(outcome.err, "godwit: a subscription is attached\n");
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace godwit::cli
