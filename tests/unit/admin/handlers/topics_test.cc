#include "../api_client.h"
#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, ATopicIsKeptByTimeUnlessToldOtherwise) {
  ask("PUT", "/api/topics/t", R"({"partitions":10000,"retention_ms":-1,"message_bytes_max":200000000})");
  auto create = take<model::CreateTopic>();
  EXPECT_EQ(create.partitions, 10'000u);
  EXPECT_EQ(create.settings.retention, model::Retention::kTime);
  EXPECT_EQ(create.settings.retention_ms, -1);
  EXPECT_EQ(create.settings.message_bytes_max, 200'000'000u);
  EXPECT_EQ(reply(model::TopicCreated{}).status, 201u);
  ask("PUT", "/api/topics/t", R"({"retention":"compact"})");
  EXPECT_EQ(take<model::CreateTopic>().settings.retention, model::Retention::kCompact);
  EXPECT_EQ(reply(fail(ErrorCode::kAlreadyExists, "there is one")).status, 409u);
}

TEST_F(ApiTest, WrongTopicSettingsAreRefused) {
  for (const char* body : {R"({"partitions":0})", R"({"partitions":10001})", R"({"retention_ms":-2})",
                           R"({"message_bytes_max":0})", R"({"message_bytes_max":200000001})",
                           R"({"retention":"forever"})", R"({"settled_ms":-1})", R"({"retention_byte":1})"})
    expect_refused("PUT", "/api/topics/t", body);
}

TEST_F(ApiTest, ATopicShowsItsEndsAndItsQueues) {
  TopicId topic = host_.names.add_topic("t", 2).id;
  host_.names.add_queue("s", topic, false);
  host_.names.add_queue("other", TopicId(99), false);
  ask("GET", "/api/topics/t");
  for (int64_t offset : {3, 9, 0, 4}) {
    take<model::FindOffset>();
    session_.on_reply(last_, model::OffsetFound{Offset(offset)});
  }
  Answer answer = this->answer();
  EXPECT_EQ(json::serialize(answer["offsets"]),
            R"([{"partition":0,"start":3,"end":9},{"partition":1,"start":0,"end":4}])");
  EXPECT_EQ(json::serialize(answer["queues"]), R"(["s"])");
}

TEST_F(ApiTest, APartitionThatVanishesIsEmpty) {
  host_.names.add_topic("t");
  ask("GET", "/api/topics/t");
  take<model::FindOffset>();
  reply(fail(ErrorCode::kNotFound, "gone"));
  take<model::FindOffset>();
  EXPECT_EQ(json::serialize(reply(fail(ErrorCode::kNotFound, "gone"))["offsets"]),
            R"([{"partition":0,"start":0,"end":0}])");
}

}  // namespace
}  // namespace godwit::admin
