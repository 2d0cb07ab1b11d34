#include "server/outbox.h"

#include <sys/socket.h>

#include <array>

#include <gtest/gtest.h>

namespace godwit::server {
namespace {

struct Pair {
  runtime::UniqueFd ours;
  runtime::UniqueFd theirs;
};

Pair make_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  return {runtime::UniqueFd(fds[0]), runtime::UniqueFd(fds[1])};
}

std::string drain(int fd) {
  std::string all;
  std::array<char, 65536> buffer;
  for (ssize_t n; (n = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
    all.append(buffer.data(), static_cast<size_t>(n));
  return all;
}

Slice slice(std::string_view text) { return Slice::copy(as_bytes(text)); }

TEST(Outbox, SendsSlicesInOrder) {
  Pair pair = make_pair();
  Outbox outbox;
  outbox.add({slice("one "), slice("two ")});
  outbox.add({slice("three")});
  EXPECT_EQ(outbox.bytes(), 13u);
  EXPECT_TRUE(outbox.send(pair.ours.get()));
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(drain(pair.theirs.get()), "one two three");
}

TEST(Outbox, GoesOnWhereTheSocketWasFull) {
  Pair pair = make_pair();
  Outbox outbox;
  std::string expected;
  std::vector<Slice> slices;
  for (int i = 0; i < 300; ++i) {  // more than one gather, more than the socket takes
    std::string piece(10'000, static_cast<char>('a' + i % 26));
    expected += piece;
    slices.push_back(slice(piece));
  }
  outbox.add(std::move(slices));
  std::string seen;
  for (int round = 0; round < 10'000 && !outbox.empty(); ++round) {
    ASSERT_TRUE(outbox.send(pair.ours.get()));
    seen += drain(pair.theirs.get());
  }
  EXPECT_TRUE(outbox.empty());
  EXPECT_TRUE(seen == expected);
}

TEST(Outbox, SaysWhenThePeerIsGone) {
  Pair pair = make_pair();
  Outbox outbox;
  outbox.add({slice("hello")});
  pair.theirs = runtime::UniqueFd();
  EXPECT_FALSE(outbox.send(pair.ours.get()));
}

}  // namespace
}  // namespace godwit::server
