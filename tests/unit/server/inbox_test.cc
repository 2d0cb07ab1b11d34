#include "server/inbox.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace godwit::server {
namespace {

/// Puts `text` in as a socket would.
ByteView arrive(Inbox& inbox, std::vector<uint8_t>& shared, std::string_view text, size_t wanted = 8) {
  std::span<uint8_t> room = inbox.room(shared, wanted);
  EXPECT_GE(room.size(), text.size());
  std::memcpy(room.data(), text.data(), text.size());
  return inbox.received(text.size());
}

TEST(Inbox, KeepsNothingWhenAllIsTaken) {
  std::vector<uint8_t> shared(1024);
  Inbox inbox;
  EXPECT_EQ(as_string(arrive(inbox, shared, "frame")), "frame");
  inbox.take(5);
  EXPECT_EQ(inbox.size(), 0u);
  EXPECT_EQ(inbox.capacity(), 0u);
}

TEST(Inbox, PutsTheRestInFrontOfWhatComes) {
  std::vector<uint8_t> shared(1024);
  Inbox inbox;
  arrive(inbox, shared, "frame1fra");
  inbox.take(6);
  EXPECT_EQ(as_string(inbox.kept()), "fra");
  std::fill(shared.begin(), shared.end(), uint8_t{0});  // another connection used it meanwhile
  EXPECT_EQ(as_string(arrive(inbox, shared, "me2")), "frame2");
  inbox.take(6);
  EXPECT_EQ(inbox.size(), 0u);
}

TEST(Inbox, TakesFromWhatWasKept) {
  std::vector<uint8_t> shared(1024);
  Inbox inbox;
  arrive(inbox, shared, "abcdef");
  inbox.take(2);
  inbox.take(3);
  EXPECT_EQ(as_string(inbox.kept()), "f");
}

TEST(Inbox, ReceivesBehindWhatIsLeftOfWhatWasKept) {
  std::vector<uint8_t> shared(8);
  Inbox inbox;
  arrive(inbox, shared, "abcdefgh");
  inbox.take(1);
  inbox.take(1);
  EXPECT_EQ(as_string(arrive(inbox, shared, "ij")), "cdefghij");
  inbox.take(5);
  inbox.take(1);
  EXPECT_EQ(as_string(inbox.kept()), "ij");
  EXPECT_EQ(as_string(arrive(inbox, shared, "kl")), "ijkl");
}

TEST(Inbox, AFrameLargerThanTheSharedBufferArrivesWhole) {
  std::vector<uint8_t> shared(64_KiB);
  Inbox inbox;
  std::string frame(1_MiB, 'x');
  for (size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<char>('a' + i % 23);
  size_t sent = 0;
  ByteView seen;
  while (sent < frame.size()) {
    std::span<uint8_t> room = inbox.room(shared, frame.size());
    size_t n = std::min({room.size(), frame.size() - sent, size_t{50'000}});
    std::memcpy(room.data(), frame.data() + sent, n);
    sent += n;
    seen = inbox.received(n);
    ASSERT_EQ(seen.size(), sent);
    if (sent < frame.size()) inbox.take(0);
  }
  EXPECT_EQ(as_string(seen), frame);
  inbox.take(frame.size());
  EXPECT_EQ(inbox.capacity(), 0u);
}

TEST(Inbox, APromiseOfMuchReservesLittle) {
  std::vector<uint8_t> shared(64_KiB);
  Inbox inbox;
  arrive(inbox, shared, "a head that says 100 MB follow", 100'000'000);
  inbox.take(0);
  EXPECT_LE(inbox.capacity(), 64u);
}

}  // namespace
}  // namespace godwit::server
