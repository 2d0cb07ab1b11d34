#include "../api_client.h"
#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, AnExchangeIsDirectUnlessToldOtherwise) {
  ask("PUT", "/api/exchanges/ex", R"({"internal":true,"alternate":"alt","arguments":{"n":1}})");
  auto declare = take<model::DeclareExchange>();
  EXPECT_EQ(declare.exchange.name.text, "ex");
  EXPECT_EQ(declare.exchange.type, "direct");
  EXPECT_TRUE(declare.exchange.internal && declare.exchange.durable);
  EXPECT_EQ(declare.exchange.alternate, "alt");
  EXPECT_EQ(declare.exchange.arguments, (model::ValueMap{{"n", model::Value(int64_t{1})}}));
  EXPECT_EQ(reply(model::ExchangeDeclared{.created = true}).status, 201u);
}

TEST_F(ApiTest, WrongExchangesAreRefused) {
  for (const char* body : {R"({"type":1})", R"({"arguments":[]})", R"({"arguments":{"a":{"base64":"!"}}})",
                           R"({"durable":"yes"})", R"({"name":"ex"})"})
    expect_refused("PUT", "/api/exchanges/ex", body);
}

TEST_F(ApiTest, ABindingHasTwoEnds) {
  for (const char* body : {"{}", R"({"source":"ex"})", R"({"target":"q"})", R"({"source":"","target":"q"})",
                           R"({"source":"ex","target":"q","target_kind":"topic"})"}) {
    expect_refused("POST", "/api/bindings", body);
    expect_refused("DELETE", "/api/bindings", body);
  }
  ask("POST", "/api/bindings?space=v", R"({"source":"ex","target":"to","target_kind":"exchange","routing_key":"k"})");
  auto bind = take<model::Bind>();
  EXPECT_EQ(bind.binding.source, (model::Name{"v", "ex"}));
  EXPECT_EQ(bind.binding.target_kind, model::BindingTarget::kExchange);
  EXPECT_EQ(reply(model::BindingChanged{.changed = true})["changed"], true);
  ask("DELETE", "/api/bindings", R"({"source":"ex","target":"q"})");
  EXPECT_EQ(take<model::Unbind>().binding.target_kind, model::BindingTarget::kQueue);
}

TEST_F(ApiTest, ListsShowTheirNamespace) {
  host_.names.add_exchange({.name = {.text = "here"}, .alternate = "alt"});
  host_.names.add_exchange({.name = {.space = "other", .text = "there"}});
  host_.names.add_binding({.source = {.text = "here"}, .target = "q", .routing_key = "k"});
  Answer exchanges = ask("GET", "/api/exchanges");
  ASSERT_EQ(exchanges["exchanges"].as_array().size(), 1u);
  EXPECT_EQ(exchanges["exchanges"].at(0).at("alternate"), "alt");
  EXPECT_EQ(ask("GET", "/api/bindings")["bindings"].at(0).at("target_kind"), "queue");
  EXPECT_TRUE(ask("GET", "/api/bindings?space=other")["bindings"].as_array().empty());
}

}  // namespace
}  // namespace godwit::admin
