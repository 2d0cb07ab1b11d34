#include "admin/router.h"

#include <set>

#include "api_client.h"

namespace godwit::admin {
namespace {

TEST(Routes, EachIsThereOnceWithItsSentence) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : routes()) {
    EXPECT_TRUE(seen.emplace(route.method, route.pattern).second) << route.pattern;
    EXPECT_TRUE(route.pattern.starts_with('/') && route.doc.ends_with('.')) << route.pattern;
  }
}

TEST_F(ApiTest, APathIsItsSegmentsAndNothingMore) {
  for (const char* target : {"/", "/api", "/api/queue", "/api/queues/q/purge/again", "/API/queues",
                             "/api/queues/q/unknown", "//api/queues"}) {
    Answer answer = ask("GET", target);
    EXPECT_EQ(answer.status, 404u) << target;
    EXPECT_EQ(answer.error(), "not found") << target;
  }
}

TEST_F(ApiTest, AKnownPathTellsOfItsOtherMethods) {
  for (auto [method, target] :
       {std::pair("POST", "/api/queues"), {"PATCH", "/api/queues/q"}, {"GET", "/api/queues/q/purge"}}) {
    Answer answer = ask(method, target);
    EXPECT_EQ(answer.status, 405u) << target;
    EXPECT_EQ(answer.error(), "unsupported");
  }
}

TEST_F(ApiTest, AnArgumentMayHoldASlash) {
  ask("DELETE", "/api/topics/a%2Fb?space=v%201");
  EXPECT_EQ(take<model::DeleteTopic>().name, (model::Name{"v 1", "a/b"}));
}

TEST_F(ApiTest, AnArgumentIsNotTakenForAWord) {
  ask("DELETE", "/api/topics/messages");
  EXPECT_EQ(take<model::DeleteTopic>().name.text, "messages");
}

}  // namespace
}  // namespace godwit::admin
