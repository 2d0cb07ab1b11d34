#include "admin/call.h"

#include <fstream>
#include <set>
#include <sstream>

#include "api_client.h"
#include "base/utf8.h"

namespace godwit::admin {
namespace {

TEST(HttpStatus, EveryErrorIsAFailureOfOneSide) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kIo); ++code) {
    unsigned status = http_status(static_cast<ErrorCode>(code));
    EXPECT_TRUE(status >= 400 && status < 600) << code;
  }
  EXPECT_EQ(http_status(ErrorCode::kNotFound), 404u);
  EXPECT_EQ(http_status(ErrorCode::kFull), 507u);
}

TEST(HttpStatus, TheGuideHasEveryCode) {
  std::ifstream file(GODWIT_SOURCE_DIR "/docs/guide/admin-api.md");
  std::stringstream page;
  page << file.rdbuf();
  for (int code = 0; code <= static_cast<int>(ErrorCode::kIo); ++code) {
    auto error = static_cast<ErrorCode>(code);
    std::string row = fmt::format("\n| {} | ", http_status(error));
    size_t from = page.str().find(row);
    ASSERT_NE(from, std::string::npos) << http_status(error);
    std::string line = page.str().substr(from, page.str().find('\n', from + 1) - from);
    EXPECT_NE(line.find(fmt::format("`{}`", to_string(error))), std::string::npos) << to_string(error) << line;
  }
}

class CallTest : public ApiTest {
 protected:
  void SetUp() override { add_queue("q"); }
};

TEST_F(CallTest, NumbersOfTheQueryHaveRanges) {
  for (const char* query : {"max=0", "max=1001", "max=-1", "max=1x", "max=", "max=99999999999999999999", "max=1.5",
                            "max=%201", "offset=-1"})
    expect_refused("GET", std::string("/api/queues/q/messages?") + query, "");
  ask("GET", "/api/queues/q/messages?max=1000&offset=9223372036854775807");
  EXPECT_EQ(take<model::Peek>().messages_max, 1000u);
}

TEST_F(CallTest, ABodyIsAnObjectOrNothing) {
  for (const char* body : {"[]", "1", "\"x\"", "null", "{", "{}}", "{\"max\":}", "\xff"})
    expect_refused("POST", "/api/queues/q/receive", body);
  std::string deep(100'000, '[');
  expect_refused("POST", "/api/queues/q/receive", deep);
  ask("POST", "/api/queues/q/receive", "");
  take<model::Receive>();
}

TEST_F(CallTest, AnAnswerIsUtf8WhateverPeersSay) {
  node_.open = {{.number = 1,
                 .client = "a\xff\xfe"
                           "b"}};
  Answer answer = ask("GET", "/api/connections");
  EXPECT_TRUE(is_utf8(answer.text)) << answer.text;
  EXPECT_NE(answer.text.find("a\uFFFD\uFFFD"
                             "b"),
            std::string::npos);
}

TEST_F(CallTest, ARefusalIsUtf8Too) {
  Answer answer = ask("GET", "/api/queues/%ff");
  EXPECT_EQ(answer.status, 404u);
  EXPECT_TRUE(is_utf8(answer.text));
}

TEST_F(CallTest, GatheredRepliesAreAnsweredOnceWhenAllAreThere) {
  add_queue("wide", 3);
  ask("POST", "/api/queues/wide/purge");
  std::vector<broker::RequestId> ids;
  for (int i = 0; i < 3; ++i) take<model::Purge>(), ids.push_back(last_);
  session_.on_reply(ids[1], model::Purged{2});
  session_.on_reply(ids[2], model::Purged{3});
  EXPECT_EQ(answer().status, 0u);
  session_.on_reply(ids[0], model::Purged{4});
  Answer last = answer();
  EXPECT_EQ(last.status, 200u);
  EXPECT_EQ(last["messages"], 9);
}

TEST_F(CallTest, APeerThatLeavesMidwayIsNotAnswered) {
  add_queue("wide", 2);
  ask("POST", "/api/queues/wide/purge");
  take<model::Purge>();
  session_.on_reply(last_, model::Purged{2});
  session_.on_closed();
  EXPECT_EQ(answer().status, 0u);
}

}  // namespace
}  // namespace godwit::admin
