#include "../api_client.h"
#include "admin/handlers/handlers.h"
#include "model/native_message.h"

namespace godwit::admin {
namespace {

class ConsumeApi : public ApiTest {
 protected:
  void SetUp() override { queue_ = add_queue("q", 2); }
  model::DeliveredBatch delivered(std::vector<std::string> bodies, std::vector<model::DeliveredRun> runs,
                                  int64_t base) {
    model::NativeBatchBuilder builder;
    for (const std::string& body : bodies) builder.add({.body = as_bytes(body)});
    model::DeliveredBatch batch{queue_, builder.seal(0), std::move(runs)};
    batch.batch.header.base_offset = Offset(base);
    return batch;
  }

  LedgerId queue_;
};

TEST_F(ConsumeApi, ReceiveAsksPartitionAfterPartitionForWhatIsMissing) {
  ask("POST", "/api/queues/q/receive", R"({"max":3,"lease_ms":500})");
  auto first = take<model::Receive>();
  EXPECT_EQ(first.ledger.partition.index, 0u);
  EXPECT_EQ(first.messages_max, 3u);
  EXPECT_EQ(first.lease_ms, 500);
  model::Received received;
  received.batches.push_back(delivered({"a", "b", "c"}, {{.index = 0, .attempt = 4}, {.index = 2, .attempt = 5}}, 10));
  EXPECT_EQ(reply(std::move(received)).status, 0u);
  auto second = take<model::Receive>();
  EXPECT_EQ(second.ledger.partition.index, 1u);
  EXPECT_EQ(second.messages_max, 1u);
  Answer answer = reply(model::Received{});
  const json::array& messages = answer["messages"].as_array();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].at("body"), "a");
  EXPECT_EQ(messages[1].at("body"), "c");
  EXPECT_EQ(messages[1].at("offset"), 12);
  EXPECT_EQ(messages[1].at("attempt"), 5);
}

TEST_F(ConsumeApi, WhatWasAcceptedIsShownThoughAnotherPartitionRefuses) {
  ask("POST", "/api/queues/q/receive", R"({"max":5,"accept":true})");
  auto first = take<model::Receive>();
  EXPECT_TRUE(first.settle_on_delivery);
  EXPECT_EQ(first.lease_ms, 0);
  model::Received received;
  received.batches.push_back(delivered({"taken"}, {{}}, 0));
  reply(std::move(received));
  take<model::Receive>();
  Answer answer = reply(fail(ErrorCode::kBusy, "busy"));
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer["messages"].as_array().size(), 1u);
}

TEST_F(ConsumeApi, ARefusalWithNothingTakenIsARefusal) {
  ask("POST", "/api/queues/q/receive", R"({"max":5})");
  take<model::Receive>();
  EXPECT_EQ(reply(fail(ErrorCode::kBusy, "busy")).status, 429u);
}

TEST_F(ConsumeApi, OnlyAQueueOfOnePartitionCanWait) {
  ask("POST", "/api/queues/q/receive", R"({"wait_ms":1000})");
  EXPECT_EQ(take<model::Receive>().wait_until_boot_ms, 0);
  reply(fail(ErrorCode::kNotFound, "gone"));
  add_queue("single");
  ask("POST", "/api/queues/single/receive", R"({"wait_ms":1000})");
  EXPECT_EQ(take<model::Receive>().wait_until_boot_ms, host_.clock.boot_ms + 1'000);
}

TEST_F(ConsumeApi, ReceiveHasLimits) {
  for (const char* body : {R"({"max":0})", R"({"max":1001})", R"({"lease_ms":0})", R"({"lease_ms":43200001})",
                           R"({"wait_ms":30001})", R"({"wait_ms":-1})", R"({"accept":1})", R"({"leased_ms":1})"})
    expect_refused("POST", "/api/queues/q/receive", body);
  expect_refused("POST", "/api/queues/none/receive", "", 404);
}

TEST_F(ConsumeApi, SettlesGoToTheirPartitions) {
  ask("POST", "/api/queues/q/settle",
      R"({"verb":"reject","reason":"bad","messages":[{"partition":1,"offset":5,"attempt":2},{"offset":7},
          {"partition":1,"offset":4}]})");
  auto first = take<model::Settle>();
  broker::RequestId id = last_;
  auto second = take<model::Settle>();
  EXPECT_EQ(first.ledger, queue_);
  EXPECT_EQ(first.runs, (std::vector<model::OffsetRun>{{Offset(7), 1}}));
  EXPECT_EQ(second.ledger.partition.index, 1u);
  EXPECT_EQ(second.runs, (std::vector<model::OffsetRun>{{Offset(5), 1}, {Offset(4), 1}}));
  EXPECT_EQ(second.attempts, (std::vector<uint32_t>{2, 0}));
  EXPECT_EQ(second.verb, model::Verb::kReject);
  EXPECT_EQ(second.reason, "bad");
  EXPECT_TRUE(second.durable_reply);
  reply(model::Settled{2});
  session_.on_reply(id, model::Settled{1});
  EXPECT_EQ(answer()["settled"], 3);
}

TEST_F(ConsumeApi, ASettleNamesWhatItSettles) {
  for (const char* body :
       {"{}", R"({"messages":{}})", R"({"messages":[1]})", R"({"messages":[{}]})", R"({"messages":[{"offset":-1}]})",
        R"({"messages":[{"offset":1,"partition":-1}]})", R"({"messages":[{"offset":1,"attempt":4294967296}]})",
        R"({"messages":[],"verb":"defer"})", R"({"messages":[{"offset":1,"lease":1}]})"})
    expect_refused("POST", "/api/queues/q/settle", body);
  EXPECT_EQ(ask("POST", "/api/queues/q/settle", R"({"messages":[]})")["settled"], 0);
}

TEST_F(ConsumeApi, ADamagedBatchIsSaid) {
  ask("GET", "/api/queues/q/messages");
  take<model::Peek>();
  broker::RequestId id = last_;
  take<model::Peek>();
  reply(model::Received{});
  model::Received received;
  received.batches.push_back(delivered({"only"}, {{.index = 3}}, 0));
  session_.on_reply(id, std::move(received));
  EXPECT_EQ(answer().status, 500u);
}

TEST_F(ConsumeApi, PeekingAtSeveralPartitionsShowsNoMoreThanAsked) {
  ask("GET", "/api/queues/q/messages?max=3");
  EXPECT_EQ(take<model::Peek>().messages_max, 3u);
  broker::RequestId first = last_;
  take<model::Peek>();
  for (broker::RequestId id : {first, last_}) {
    model::Received received;
    received.batches.push_back(delivered({"a", "b"}, {{.index = 0, .count = 2}}, 0));
    session_.on_reply(id, std::move(received));
  }
  EXPECT_EQ(answer()["messages"].as_array().size(), 3u);
}

}  // namespace
}  // namespace godwit::admin
