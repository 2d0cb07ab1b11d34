#include "../api_client.h"
#include "admin/handlers/handlers.h"
#include "model/native_message.h"

namespace godwit::admin {
namespace {

class ReadApi : public ApiTest {
 protected:
  void SetUp() override { host_.names.add_topic("t", 2); }
  static model::Batch batch(std::vector<std::string> bodies, int64_t base, uint16_t flags = 0) {
    model::NativeBatchBuilder builder;
    for (const std::string& body : bodies) builder.add({.body = as_bytes(body)});
    model::Batch sealed = builder.seal(0);
    sealed.header.base_offset = Offset(base);
    sealed.header.flags |= flags;
    return sealed;
  }
  /// Answers for a log of [start, end).
  void log_is(int64_t start, int64_t end) {
    EXPECT_EQ(take<model::FindOffset>().at, model::FindOffset::At::kStart);
    reply(model::OffsetFound{Offset(start)});
    EXPECT_EQ(take<model::FindOffset>().at, model::FindOffset::At::kEnd);
    reply(model::OffsetFound{Offset(end)});
  }
};

TEST_F(ReadApi, FromTheMiddleOfABatch) {
  ask("GET", "/api/topics/t/partitions/1/messages?offset=11&max=2");
  auto fetch = take<model::Fetch>();
  EXPECT_EQ(fetch.partition.index, 1u);
  EXPECT_EQ(fetch.from, Offset(11));
  Answer answer = reply(model::Fetched{.batches = {batch({"a", "b", "c", "d"}, 10)}, .end = Offset(14)});
  ASSERT_EQ(answer["messages"].as_array().size(), 2u);
  EXPECT_EQ(answer["messages"].at(0).at("body"), "b");
  EXPECT_EQ(answer["messages"].at(0).at("partition"), 1);
  EXPECT_EQ(answer["next"], 13);
}

TEST_F(ReadApi, WordsAndCountsFromTheEnd) {
  for (auto [offset, from] :
       {std::pair("start", 5), {"end", 20}, {"-3", 17}, {"-100", 5}, {"-9223372036854775808", 5}}) {
    ask("GET", fmt::format("/api/topics/t/partitions/0/messages?offset={}", offset));
    log_is(5, 20);
    EXPECT_EQ(take<model::Fetch>().from, Offset(from)) << offset;
    reply(model::Fetched{.end = Offset(20)});
  }
}

TEST_F(ReadApi, AReaderGetsPastControlBatches) {
  ask("GET", "/api/topics/t/partitions/0/messages?offset=4");
  take<model::Fetch>();
  Answer answer = reply(model::Fetched{.batches = {batch({"marker"}, 4, model::kControl)}, .end = Offset(5)});
  EXPECT_TRUE(answer["messages"].as_array().empty());
  EXPECT_EQ(answer["next"], 5);
}

TEST_F(ReadApi, WaitingAsksOnceMore) {
  ask("GET", "/api/topics/t/partitions/0/messages?offset=4&wait_ms=1000");
  take<model::Fetch>();
  reply(model::Fetched{.end = Offset(4)});
  auto wait = take<model::AwaitData>();
  EXPECT_EQ(wait.beyond, Offset(4));
  EXPECT_EQ(wait.deadline_boot_ms, host_.clock.boot_ms + 1'000);
  reply(model::DataAwaited{Offset(4)});
  take<model::Fetch>();
  Answer answer = reply(model::Fetched{.end = Offset(4)});
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer["next"], 4);
}

TEST_F(ReadApi, WhatIsNotThereIsNotFound) {
  for (const char* partition : {"2", "-1", "x", "0x", "4294967296", "%20"})
    expect_refused("GET", fmt::format("/api/topics/t/partitions/{}/messages", partition), "", 404);
  expect_refused("GET", "/api/topics/none/partitions/0/messages", "", 404);
  for (const char* offset : {"first", "1.5", "", "99999999999999999999", "-"})
    expect_refused("GET", fmt::format("/api/topics/t/partitions/0/messages?offset={}", offset), "");
}

TEST_F(ReadApi, AnOffsetBeyondTheLogIsTheCallersMistake) {
  ask("GET", "/api/topics/t/partitions/0/messages?offset=9223372036854775807");
  take<model::Fetch>();
  EXPECT_EQ(reply(fail(ErrorCode::kOffsetOutOfRange, "beyond the end")).status, 400u);
}

TEST_F(ReadApi, DamageIsSaid) {
  ask("GET", "/api/topics/t/partitions/0/messages?offset=0");
  take<model::Fetch>();
  model::Batch damaged = batch({"a"}, 0);
  ByteVec bytes(damaged.payload.view().begin(), damaged.payload.view().end());
  bytes[0] = 0xff;
  damaged.payload = Slice::take(std::move(bytes));
  EXPECT_EQ(reply(model::Fetched{.batches = {damaged}, .end = Offset(1)}).status, 500u);
}

}  // namespace
}  // namespace godwit::admin
