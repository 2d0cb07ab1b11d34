#include "broker/session.h"

#include <gtest/gtest.h>

namespace godwit::broker {
namespace {

ByteVec filled(size_t size, uint8_t with) { return ByteVec(size, with); }
std::string joined(const std::vector<Slice>& parts) {
  std::string all;
  for (const Slice& part : parts) all += as_string(part);
  return all;
}

TEST(Output, KeepsTheOrderOfWhatIsCopiedAndShared) {
  Output out;
  out.buffer().push_back('a');
  out.share(Slice::take(filled(Output::kShareBytesMin, 'b')));
  out.buffer().push_back('c');
  out.share(Slice::take(filled(3, 'd')));
  EXPECT_EQ(out.size(), Output::kShareBytesMin + 5);
  std::vector<Slice> parts = out.take();
  EXPECT_EQ(parts.size(), 3u) << "the small one goes along with the buffer";
  EXPECT_EQ(joined(parts), "a" + std::string(Output::kShareBytesMin, 'b') + "cddd");
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(out.take().empty());
}

TEST(Output, ALargeSliceIsNotCopied) {
  Output out;
  Slice large = Slice::take(filled(Output::kShareBytesMin, 'x'));
  Slice small = Slice::take(filled(Output::kShareBytesMin - 1, 'y'));
  out.share(large);
  out.share(small);
  std::vector<Slice> parts = out.take();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].data(), large.data());
  EXPECT_NE(parts[1].data(), small.data());
}

TEST(Output, CountsOnAfterItWasTaken) {
  Output out;
  out.buffer().resize(10);
  out.take();
  out.buffer().resize(4);
  EXPECT_EQ(out.size(), 4u);
  out.share(Slice());
  EXPECT_EQ(out.size(), 4u);
}

/// Gathers what a session asks for.
struct Host final : SessionHost {
  std::vector<std::pair<RequestId, Command>> asked;
  Output out;
  size_t unsent = 0;
  size_t granted = kSessionOutputBytesMax;

  void submit(RequestId id, Command command) override { asked.emplace_back(id, std::move(command)); }
  const model::CatalogView& catalog() const override { std::abort(); }
  model::Now now() const override { return {}; }
  size_t unsent_bytes() const override { return unsent; }
  size_t grant(size_t, size_t) const override { return granted; }
  bool memory_exhausted() override { return false; }
  Output& output() override { return out; }
  SessionId id() const override { return SessionId(1); }
  void set_principal(Principal) override {}
  void close() override {}
  void set_timer(int64_t) override {}
};

TEST(SessionHost, OutputIsFullAtABoundThatFallsWithMemoryButNotBelowItsLeast) {
  Host host;
  host.unsent = kSessionOutputBytesMax - 1;
  EXPECT_FALSE(host.output_full());
  host.unsent = kSessionOutputBytesMax;
  EXPECT_TRUE(host.output_full());
  host.granted = kSessionOutputBytesMin;
  host.unsent = kSessionOutputBytesMin;
  EXPECT_TRUE(host.output_full());
  host.granted = 0;
  host.unsent = kSessionOutputBytesMin - 1;
  EXPECT_FALSE(host.output_full()) << "every session may have that much";
}

TEST(Calls, EachReplyGoesToItsCallOnce) {
  Host host;
  Calls calls;
  std::vector<std::string> told;
  RequestId purge = calls.call(host, model::Purge{}, [&](Result<model::Purged> purged) {
    told.push_back(purged ? "purged " + std::to_string(purged->messages) : purged.error().message);
  });
  RequestId renew = calls.call(host, model::Renew{}, [&](const Result<model::Renewed>& renewed) {
    told.push_back(renewed ? "renewed" : renewed.error().message);
  });
  EXPECT_NE(purge, renew);
  EXPECT_EQ(host.asked.size(), 2u);
  EXPECT_EQ(calls.size(), 2u);
  EXPECT_TRUE(calls.on_reply(renew, fail(ErrorCode::kLeaseLost, "lost")));
  EXPECT_TRUE(calls.on_reply(purge, model::Purged{3}));
  EXPECT_FALSE(calls.on_reply(purge, model::Purged{3}));
  EXPECT_FALSE(calls.on_reply(99, model::Purged{3}));
  EXPECT_EQ(told, (std::vector<std::string>{"lost", "purged 3"}));
  EXPECT_EQ(calls.size(), 0u);
}

TEST(Calls, AReplyMayAskAgain) {
  Host host;
  Calls calls;
  int replies = 0;
  std::function<void(Result<model::Purged>)> then = [&](const Result<model::Purged>&) {
    if (++replies < 50) calls.call(host, model::Purge{}, then);
  };
  calls.call(host, model::Purge{}, then);
  for (size_t i = 0; i < host.asked.size(); ++i) EXPECT_TRUE(calls.on_reply(host.asked[i].first, model::Purged{}));
  EXPECT_EQ(replies, 50);
  EXPECT_EQ(calls.size(), 0u);
}

TEST(Calls, WhatIsClearedIsNotCalled) {
  Host host;
  Calls calls;
  RequestId id = calls.call(host, model::Purge{}, [](const Result<model::Purged>&) { ADD_FAILURE(); });
  calls.clear();
  EXPECT_FALSE(calls.on_reply(id, model::Purged{}));
  EXPECT_NE(calls.call(host, model::Purge{}, [](const Result<model::Purged>&) {}), id) << "a late reply hits nobody";
}

}  // namespace
}  // namespace godwit::broker
