#include "../api_client.h"
#include "admin/handlers/handlers.h"
#include "model/key_hash.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, AMessageGoesWhereItIsTold) {
  host_.names.add_topic("t", 4);
  ask("POST", "/api/topics/t/messages", R"({"body":"x","partition":3,"key":"ignored"})");
  EXPECT_EQ(take<model::Append>().partition.index, 3u);
  Answer answer = reply(model::Appended{.base_offset = Offset(9)});
  EXPECT_EQ(answer.status, 201u);
  EXPECT_EQ(answer["messages"].at(0).at("offset"), 9);
}

TEST_F(ApiTest, AKeyChoosesThePartitionAsForOtherProducers) {
  host_.names.add_topic("t", 4);
  for (const char* key : {"a", "b", "c"}) {
    ask("POST", "/api/topics/t/messages", fmt::format(R"({{"key":"{}"}})", key));
    EXPECT_EQ(take<model::Append>().partition.index, model::partition_of_key(as_bytes(std::string_view(key)), 4));
    reply(model::Appended{});
  }
}

TEST_F(ApiTest, APartitionThatIsNotThereIsRefused) {
  host_.names.add_topic("t", 4);
  for (const char* partition : {"4", "-1", "4294967295", "4294967296", "\"0\"", "0.5"})
    expect_refused("POST", "/api/topics/t/messages", fmt::format(R"({{"partition":{}}})", partition));
}

TEST_F(ApiTest, AMisspeltMemberIsRefusedBeforeAnythingIsPublished) {
  host_.names.add_topic("t");
  for (const char* body : {R"({"bdoy":"x"})", R"({"messages":[{"body":"a"},{"body":"b","keys":"k"}]})",
                           R"({"messages":[{"body":"a"}],"routing_key":"k"})"})
    expect_refused("POST", "/api/topics/t/messages", body);
}

TEST_F(ApiTest, AFanOutIsWholeOrNothing) {
  LedgerId wide = add_queue("wide", 2);
  add_queue("narrow", 1);
  host_.names.add_exchange({.name = {.text = "ex"}, .type = "fanout"});
  for (const char* queue : {"wide", "narrow"})
    host_.names.add_binding({.source = {.text = "ex"}, .target = queue, .routing_key = "k"});
  expect_refused("POST", "/api/exchanges/ex/messages", R"({"routing_key":"k","partition":1})");
  ask("POST", "/api/exchanges/ex/messages", R"({"routing_key":"k"})");
  EXPECT_EQ(take<model::Append>().partition, wide.partition);
  broker::RequestId first = last_;
  take<model::Append>();
  reply(model::Appended{});
  session_.on_reply(first, model::Appended{});
  Answer answer = this->answer();
  EXPECT_EQ(answer["routed"], true);
  EXPECT_EQ(answer["messages"].as_array().size(), 2u);
}

TEST_F(ApiTest, AnUnroutedMessageIsSaidToBeOne) {
  Answer answer = ask("POST", "/api/exchanges/none/messages", "{}");
  EXPECT_EQ(answer.status, 404u);
  host_.names.add_exchange({.name = {.text = "ex"}});
  answer = ask("POST", "/api/exchanges/ex/messages", R"({"routing_key":"nowhere"})");
  EXPECT_EQ(answer.status, 201u);
  EXPECT_EQ(answer["routed"], false);
}

TEST_F(ApiTest, ASubscriptionIsNotPublishedTo) {
  TopicId topic = host_.names.add_topic("t").id;
  host_.names.add_queue("s", topic, false);
  expect_refused("POST", "/api/queues/s/messages", "{}");
  expect_refused("POST", "/api/queues/none/messages", "{}", 404);
  expect_refused("POST", "/api/topics/none/messages", "{}", 404);
}

}  // namespace
}  // namespace godwit::admin
