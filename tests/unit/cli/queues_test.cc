#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::ElementsAre;

TEST(Queues, ListAndShow) {
  FakeAdmin admin([](const Asked& asked) {
    if (asked.target.starts_with("/api/queues?"))
      return Said{R"({"queues":[{"name":"q","topic":"q","ready":12,"leased":0,"consumers":1}]})"};
    return Said{R"({"name":"q","ready":12,"settings":{"length_max":5}})"};
  });
  EXPECT_EQ(run(admin, {"queues", "list"}).out,
            "NAME  TOPIC  READY  LEASED  CONSUMERS\nq     q         12       0          1\n");
  EXPECT_EQ(run(admin, {"queues", "show", "q"}).out, "name      q\nready     12\nsettings  {\"length_max\":5}\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/queues?space=default", "GET /api/queues/q?space=default"));
}

TEST(Queues, CreateSendsOnlyWhatWasSaid) {
  FakeAdmin admin(Said{"{}", 201});
  EXPECT_EQ(run(admin, {"queues", "create", "q"}).out, "created queue q\n");
  EXPECT_EQ(admin.asked()[0].line(), "PUT /api/queues/q?space=default");
  EXPECT_EQ(admin.asked()[0].body, "");
  run(admin, {"queues", "create", "q", "--topic", "t", "--start", "end", "--message-ttl-ms", "1", "--length-max", "2",
              "--delivery-limit", "3", "--dead-letter", "dead"});
  EXPECT_EQ(admin.body(1), boost::json::parse(R"({"topic":"t","start":"end","message_ttl_ms":1,"length_max":2,
                                                  "delivery_limit":3,"dead_letter_routing_key":"dead"})"));
}

TEST(Queues, CreateSaysWhatWasThereAlready) {
  FakeAdmin admin(Said{R"({"name":"q","created":false})", 200});
  EXPECT_EQ(run(admin, {"queues", "create", "q"}).out, "queue q is there already\n");
  EXPECT_EQ(run(admin, {"exchanges", "create", "e"}).out, "exchange e is there already\n");
}

TEST(Queues, ALimitOfZeroIsSentAndANegativeOneRefused) {
  FakeAdmin admin(Said{"{}", 201});
  run(admin, {"queues", "create", "q", "--delivery-limit", "0", "--length-max", "0", "--message-ttl-ms", "0"});
  EXPECT_EQ(admin.body(0), boost::json::parse(R"({"message_ttl_ms":0,"length_max":0,"delivery_limit":0})"));
  EXPECT_EQ(run(admin, {"queues", "create", "q", "--length-max", "-1"}).code, kUsage);
  EXPECT_EQ(admin.asked().size(), 1u);
}

TEST(Queues, PurgeSaysHowMany) {
  FakeAdmin admin(Said{R"({"messages":41})"});
  EXPECT_EQ(run(admin, {"queues", "purge", "q"}).out, "purged 41 messages from q\n");
  EXPECT_EQ(run(admin, {"queues", "purge", "q", "--json"}).out, "{\"messages\":41}\n");
  EXPECT_EQ(admin.asked()[0].line(), "POST /api/queues/q/purge?space=default");
}

TEST(Queues, NotFoundIsOne) {
  FakeAdmin admin(Said{R"({"error":"not found","message":"there is no queue 'q'"})", 404});
  for (const char* what : {"show", "delete", "purge"}) {
    Outcome outcome = run(admin, {"queues", what, "q"});
    EXPECT_EQ(outcome.code, kRefused) << what;
    EXPECT_EQ(outcome.err, "godwit: there is no queue 'q'\n") << what;
    EXPECT_EQ(outcome.out, "") << what;
  }
}

}  // namespace
}  // namespace godwit::cli
