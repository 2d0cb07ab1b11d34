#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Groups, ListAndDelete) {
  FakeAdmin admin([](const Asked& asked) {
    if (asked.method == "DELETE") return Said{R"({"message":"group 'g' has members"})", 409};
    return Said{R"({"groups":[{"name":"g","state":"Stable","protocol":"classic"}]})"};
  });
  EXPECT_EQ(run(admin, {"groups", "list"}).out, "NAME  STATE   PROTOCOL\ng     Stable  classic\n");
  Outcome outcome = run(admin, {"groups", "delete", "g"});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_EQ(outcome.err, "godwit: group 'g' has members\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/groups?space=default", "DELETE /api/groups/g?space=default"));
}

TEST(Groups, ShowHasThePositionsAndTheLag) {
  constexpr const char* kGroup =
      R"({"name":"g","state":"Empty","members":[{"id":"m"}],"offsets":[{"topic":"t","partition":0,"offset":5,"end":12,"lag":7},{"topic":"u","partition":1,"offset":5,"end":null,"lag":null}]})";
  FakeAdmin admin(Said{kGroup});
  Outcome outcome = run(admin, {"groups", "show", "g"});
  EXPECT_EQ(outcome.code, kDone);
  EXPECT_EQ(outcome.out,
            "name     g\nstate    Empty\n\n"
            "TOPIC  PARTITION  OFFSET  END  LAG\nt              0       5  12   7\nu              1       5\n");
  EXPECT_EQ(run(admin, {"groups", "show", "g", "--json"}).out, std::string(kGroup) + "\n");
}

TEST(Groups, ShowOfAnAnswerWithoutOffsetsIsAnError) {
  FakeAdmin admin(Said{R"({"name":"g","offsets":{}})"});
  Outcome outcome = run(admin, {"groups", "show", "g"});
  EXPECT_EQ(outcome.code, kUnreachable);
  EXPECT_THAT(outcome.err, HasSubstr("without a list 'offsets'"));
}

TEST(Groups, ConnectionsAreListed) {
  FakeAdmin admin(Said{R"({"connections":[{"id":3,"protocol":"kafka","peer":"p:1","received_bytes":10}]})"});
  EXPECT_EQ(run(admin, {"connections", "list"}).out,
            "ID  PROTOCOL  PEER  CLIENT  RECEIVED  SENT\n 3  kafka     p:1                 10\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/connections?space=default"));
}

}  // namespace
}  // namespace godwit::cli
