#include "../api_client.h"
#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, AQueueWithEverySetting) {
  ask("PUT", "/api/queues/q?space=v",
      R"({"durable":false,"auto_delete":true,"message_ttl_ms":0,"expires_ms":1,"length_max":0,
          "bytes_max":9223372036854775807,"delivery_limit":4294967295,"priorities":255,"lease_ms":1,
          "overflow":"reject-publish-dlx","dead_letter_exchange":"dlx","partitions":3})");
  auto declare = take<model::DeclareQueue>();
  EXPECT_EQ(declare.name, (model::Name{"v", "q"}));
  EXPECT_EQ(declare.partitions, 3u);
  const model::QueueSettings& s = declare.settings;
  EXPECT_FALSE(s.durable);
  EXPECT_TRUE(s.auto_delete);
  EXPECT_EQ(s.message_ttl_ms, 0);
  EXPECT_EQ(s.bytes_max, 9223372036854775807u);
  EXPECT_EQ(s.delivery_limit, 4294967295u);
  EXPECT_EQ(s.priorities, 255);
  EXPECT_EQ(s.overflow, model::Overflow::kRejectPublishDeadLetter);
  EXPECT_EQ(s.dead_letter, (model::DeadLetter{"dlx", std::nullopt}));
  Answer answer = reply(model::QueueDeclared{.queue = {.name = declare.name, .settings = s}, .created = true});
  EXPECT_EQ(answer.status, 201u);
  EXPECT_EQ(answer["settings"].at("overflow"), "reject-publish-dlx");
  EXPECT_FALSE(answer["settings"].as_object().contains("dead_letter_routing_key"));
}

TEST_F(ApiTest, ADeclarationOfWhatIsThereIsNotCreated) {
  ask("PUT", "/api/queues/q");
  take<model::DeclareQueue>();
  EXPECT_EQ(reply(model::QueueDeclared{.created = false}).status, 200u);
  ask("PUT", "/api/queues/q");
  take<model::DeclareQueue>();
  EXPECT_EQ(reply(fail(ErrorCode::kMismatch, "other settings")).status, 409u);
}

TEST_F(ApiTest, TimesAddedToNowStayTimes) {
  for (const char* name : {"message_ttl_ms", "expires_ms", "lease_ms"}) {
    expect_refused("PUT", "/api/queues/q", fmt::format(R"({{"{}":9223372036854775807}})", name));
    ask("PUT", "/api/queues/q", fmt::format(R"({{"{}":4294967295000}})", name));
    take<model::DeclareQueue>();
    reply(model::QueueDeclared{});
  }
}

TEST_F(ApiTest, WrongSettingsAreRefused) {
  for (const char* body :
       {R"({"message_ttl_ms":-1})", R"({"expires_ms":0})", R"({"lease_ms":0})", R"({"priorities":256})",
        R"({"partitions":0})", R"({"partitions":10001})", R"({"overflow":"drop"})", R"({"start":"middle"})",
        R"({"delivery_limit":null})", R"({"ttl_ms":1})"})
    expect_refused("PUT", "/api/queues/q", body);
}

TEST_F(ApiTest, ASubscriptionStartsAtTheEndUnlessToldOtherwise) {
  ask("PUT", "/api/queues/s", R"({"topic":"t"})");
  EXPECT_EQ(take<model::DeclareQueue>().start, model::Start::kEnd);
  reply(model::QueueDeclared{});
  ask("PUT", "/api/queues/s", R"({"topic":"t","start":"first"})");
  EXPECT_EQ(take<model::DeclareQueue>().start, model::Start::kFirstRetained);
}

TEST_F(ApiTest, AQueuesStateIsThatOfItsPartitionsTogether) {
  add_queue("q", 2);
  ask("GET", "/api/queues/q");
  take<model::DescribeLedger>();
  reply(model::LedgerDescribed{.ready = 2, .leased = 1, .consumers = 3});
  take<model::DescribeLedger>();
  Answer answer = reply(model::LedgerDescribed{.ready = 5, .consumers = 3});
  EXPECT_EQ(answer["ready"], 7);
  EXPECT_EQ(answer["leased"], 1);
  EXPECT_EQ(answer["consumers"], 3);  // each is attached to every partition
  EXPECT_EQ(ask("GET", "/api/queues/none").status, 404u);
}

TEST_F(ApiTest, BytesAreShownWhereTheyAreCounted) {
  add_queue("q");
  ask("GET", "/api/queues/q");
  take<model::DescribeLedger>();
  EXPECT_FALSE(reply(model::LedgerDescribed{.ready = 2}).body.as_object().contains("ready_bytes"));
  host_.names.add_queue("limited", host_.names.add_topic("limited", 1).id).settings.bytes_max = 100;
  ask("GET", "/api/queues/limited");
  take<model::DescribeLedger>();
  EXPECT_EQ(reply(model::LedgerDescribed{.ready = 2, .ready_bytes = 17})["ready_bytes"], 17);
}

TEST_F(ApiTest, AListOfNoQueuesIsAList) {
  Answer answer = ask("GET", "/api/queues");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_TRUE(answer["queues"].as_array().empty());
}

TEST_F(ApiTest, AListOfNoNamespaceIsNone) {
  node_.configured.push_back("empty");
  for (const char* list : {"queues", "topics", "exchanges", "bindings"}) {
    EXPECT_EQ(ask("GET", fmt::format("/api/{}?space=empty", list)).status, 200u) << list;
    Answer none = ask("GET", fmt::format("/api/{}?space=none", list));
    EXPECT_EQ(none.status, 404u) << list;
    EXPECT_EQ(none.message(), "there is no namespace 'none'");
  }
}

TEST_F(ApiTest, DeletingMayHaveConditions) {
  ask("DELETE", "/api/queues/q?if_unused=true");
  auto command = take<model::DeleteQueue>();
  EXPECT_TRUE(command.if_unused);
  EXPECT_FALSE(command.if_empty);
  EXPECT_EQ(reply(fail(ErrorCode::kInUse, "has consumers")).status, 409u);
}

TEST_F(ApiTest, APurgeThatFailsSomewhereFails) {
  add_queue("q", 2);
  ask("POST", "/api/queues/q/purge");
  take<model::Purge>();
  reply(model::Purged{1});
  take<model::Purge>();
  EXPECT_EQ(reply(fail(ErrorCode::kStopping, "stopping")).status, 503u);
}

}  // namespace
}  // namespace godwit::admin
