#include "runtime/linux/tcp.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

UniqueFd connect_to(uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

Result<UniqueFd> listening(const std::string& address, uint16_t port) {
  auto socket = bind_tcp(address, port);
  if (!socket) return socket;
  if (auto listens = listen_tcp(socket->get()); !listens) return std::unexpected(listens.error());
  return socket;
}

TEST(Tcp, TakesAFreePortAndSaysWhich) {
  auto listener = bind_tcp("127.0.0.1", 0);
  ASSERT_TRUE(listener) << listener.error().message;
  Endpoint here = local_endpoint(listener->get());
  EXPECT_NE(here.port, 0);
  EXPECT_TRUE(here.loopback);
  EXPECT_EQ(here.text(), "127.0.0.1:" + std::to_string(here.port));
}

TEST(Tcp, SaysWhyItCannotListen) {
  auto first = listening("127.0.0.1", 0);
  ASSERT_TRUE(first);
  auto second = bind_tcp("127.0.0.1", local_endpoint(first->get()).port);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
  EXPECT_EQ(bind_tcp("not an address", 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bind_tcp("192.0.2.1", 0).error().code, ErrorCode::kInvalidArgument);
}

TEST(Tcp, OfTwoThatTookAPortTheFirstToListenHasIt) {
  auto first = bind_tcp("127.0.0.1", 0);
  uint16_t port = local_endpoint(first->get()).port;
  auto second = bind_tcp("127.0.0.1", port);
  ASSERT_TRUE(second);
  ASSERT_TRUE(listen_tcp(first->get()));
  EXPECT_EQ(listen_tcp(second->get()).error().code, ErrorCode::kInUse);
}

TEST(Tcp, KnowsAnAddressFromAName) {
  EXPECT_TRUE(is_address("0.0.0.0"));
  EXPECT_TRUE(is_address("::1"));
  EXPECT_FALSE(is_address("localhost"));
  EXPECT_FALSE(is_address(""));
}

TEST(Tcp, WritesIPv6WithBrackets) { EXPECT_EQ((Endpoint{"::1", 80, true}.text()), "[::1]:80"); }

TEST(Tcp, CarriesBytesBothWays) {
  auto listener = listening("127.0.0.1", 0);
  EXPECT_EQ(accept_tcp(listener->get()).outcome, Accepted::Outcome::kNone);
  UniqueFd client = connect_to(local_endpoint(listener->get()).port);
  Accepted accepted = accept_tcp(listener->get());
  ASSERT_EQ(accepted.outcome, Accepted::Outcome::kAccepted);
  EXPECT_TRUE(accepted.peer.loopback);

  std::array<uint8_t, 8> buffer{};
  EXPECT_EQ(receive(accepted.socket.get(), buffer).outcome, Transfer::Outcome::kWouldBlock);
  std::string hel = "hel";
  std::string lo = "lo";
  std::array<iovec, 2> parts{iovec{hel.data(), hel.size()}, iovec{lo.data(), lo.size()}};
  EXPECT_EQ(send(accepted.socket.get(), parts).bytes, 5u);
  EXPECT_EQ(::recv(client.get(), buffer.data(), buffer.size(), MSG_WAITALL | MSG_DONTWAIT), 5);
  client = UniqueFd();
  EXPECT_EQ(receive(accepted.socket.get(), buffer).outcome, Transfer::Outcome::kClosed);
}

TEST(Tcp, AFullPeerWouldBlock) {
  auto listener = listening("127.0.0.1", 0);
  UniqueFd client = connect_to(local_endpoint(listener->get()).port);
  Accepted accepted = accept_tcp(listener->get());
  std::vector<uint8_t> large(1 << 20);
  std::array<iovec, 1> parts{iovec{large.data(), large.size()}};
  Transfer last;
  for (int i = 0; i < 100; ++i) {
    last = send(accepted.socket.get(), parts);
    if (last.outcome != Transfer::Outcome::kSome) break;
  }
  EXPECT_EQ(last.outcome, Transfer::Outcome::kWouldBlock);
}

TEST(Tcp, NoDescriptorsLeftIsToldApart) {
  auto listener = listening("127.0.0.1", 0);
  UniqueFd client = connect_to(local_endpoint(listener->get()).port);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  Accepted refused = accept_tcp(listener->get());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(refused.outcome, Accepted::Outcome::kShort);
  EXPECT_EQ(accept_tcp(listener->get()).outcome, Accepted::Outcome::kAccepted);
}

}  // namespace
}  // namespace godwit::runtime
