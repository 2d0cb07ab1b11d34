#include <gmock/gmock.h>

#include "base/limits.h"
#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

using CatalogExchange = CatalogFixture;

TEST_F(CatalogExchange, DeclareOnceRedeclareEqual) {
  EXPECT_TRUE(run(exchange("e", "topic"))->created);
  EXPECT_FALSE(run(exchange("e", "topic"))->created);
  auto refusal = decide(catalog, exchange("e", "fanout"), {});
  ASSERT_FALSE(refusal);
  EXPECT_EQ(refusal.error().code, ErrorCode::kMismatch);
  EXPECT_THAT(refusal.error().message, testing::HasSubstr("'type' is 'topic', not 'fanout'"));
}

TEST_F(CatalogExchange, PassiveOnlyLooks) {
  model::DeclareExchange passive = exchange("e", "anything");
  passive.passive = true;
  EXPECT_EQ(refused(passive), ErrorCode::kNotFound);
  ASSERT_TRUE(run(exchange("e")));
  EXPECT_TRUE(run(passive));
}

TEST_F(CatalogExchange, PredeclaredOnesAreThereAndStay) {
  for (auto [text, type] : std::initializer_list<std::pair<std::string, std::string>>{{"amq.direct", "direct"},
                                                                                      {"amq.fanout", "fanout"},
                                                                                      {"amq.topic", "topic"},
                                                                                      {"amq.headers", "headers"},
                                                                                      {"amq.match", "headers"}}) {
    EXPECT_FALSE(run(exchange(text, type))->created) << text;
    EXPECT_EQ(refused(model::DeleteExchange{name(text)}), ErrorCode::kAccessDenied);
    EXPECT_NE(catalog.exchange(name(text, "never used")), nullptr);
  }
  EXPECT_EQ(refused(model::DeleteExchange{name("")}), ErrorCode::kAccessDenied);
  EXPECT_EQ(refused(exchange("")), ErrorCode::kAccessDenied);
}

TEST_F(CatalogExchange, DeclareChecksNameAndType) {
  EXPECT_EQ(refused(exchange("amq.mine")), ErrorCode::kAccessDenied);
  EXPECT_EQ(refused(exchange("e", "x-nonsense")), ErrorCode::kUnsupported);
  EXPECT_EQ(refused(exchange(std::string(kNameBytesMax + 1, 'e'))), ErrorCode::kInvalidArgument);
}

TEST_F(CatalogExchange, BindIsIdempotentAndUnbindToo) {
  declare_queues({"q"});
  model::Binding binding = to_queue("amq.direct", "q", "k");
  EXPECT_TRUE(run(model::Bind{binding})->changed);
  EXPECT_FALSE(run(model::Bind{binding})->changed);
  EXPECT_EQ(route("amq.direct", "k"), Names{"q"});
  EXPECT_TRUE(run(model::Unbind{binding})->changed);
  EXPECT_FALSE(run(model::Unbind{binding})->changed);
  EXPECT_EQ(route("amq.direct", "k"), Names());
  EXPECT_FALSE(run(model::Unbind{to_queue("none", "q")})->changed);
  EXPECT_FALSE(run(model::Unbind{to_queue("amq.direct", "none")})->changed);
}

TEST_F(CatalogExchange, ArgumentsMakeAnotherBindingTheirOrderDoesNot) {
  declare_queues({"q"});
  model::Binding plain = to_queue("amq.headers", "q"), ab = plain, ba = plain;
  ab.arguments = {{"a", model::Value(int32_t{1})}, {"b", model::Value(true)}};
  ba.arguments = {{"b", model::Value(true)}, {"a", model::Value(int32_t{1})}};
  EXPECT_TRUE(run(model::Bind{plain})->changed);
  EXPECT_TRUE(run(model::Bind{ab})->changed);
  EXPECT_FALSE(run(model::Bind{ba})->changed);
  EXPECT_TRUE(run(model::Unbind{ba})->changed);
  EXPECT_TRUE(run(model::Unbind{plain})->changed);
  EXPECT_EQ(route("amq.headers", ""), Names());
}

TEST_F(CatalogExchange, BindRefusesWhatCannotBe) {
  declare_queues({"q"});
  ASSERT_TRUE(run(subscription("s", "q")));
  EXPECT_EQ(refused(model::Bind{to_queue("none", "q")}), ErrorCode::kNotFound);
  EXPECT_EQ(refused(model::Bind{to_queue("amq.direct", "none")}), ErrorCode::kNotFound);
  EXPECT_EQ(refused(model::Bind{to_exchange("amq.direct", "none")}), ErrorCode::kNotFound);
  EXPECT_EQ(refused(model::Bind{to_queue("amq.direct", "s")}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::Bind{to_queue("", "q")}), ErrorCode::kAccessDenied);
  EXPECT_EQ(refused(model::Bind{to_exchange("amq.direct", "")}), ErrorCode::kAccessDenied);
  EXPECT_EQ(refused(model::Bind{to_queue("amq.direct", "q", std::string(256, 'k'))}), ErrorCode::kInvalidArgument);
  model::Binding odd = to_queue("amq.headers", "q");
  odd.arguments = {{"x-match", model::Value(std::string("some"))}};
  EXPECT_EQ(refused(model::Bind{odd}), ErrorCode::kInvalidArgument);
}

TEST_F(CatalogExchange, DeleteTakesBindingsInBothDirections) {
  declare_queues({"q"});
  ASSERT_TRUE(run(exchange("e")));
  bind(to_queue("e", "q", "k"));
  bind(to_exchange("amq.fanout", "e"));
  EXPECT_EQ(refused(model::DeleteExchange{name("e"), true}), ErrorCode::kInUse);
  ASSERT_TRUE(run(model::DeleteExchange{name("e")}));
  EXPECT_EQ(refused(model::DeleteExchange{name("e")}), ErrorCode::kNotFound);
  EXPECT_EQ(route("amq.fanout", "k"), Names());
  size_t bindings = 0;
  catalog.for_each_binding("default", [&](const model::Binding&) { ++bindings; });
  EXPECT_EQ(bindings, 0u);
}

}  // namespace
}  // namespace godwit::engine
