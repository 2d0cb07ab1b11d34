#include "server/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

namespace godwit::server {
namespace {

TEST(Listener, OnePortOnEveryAddress) {
  auto listener = Listener::open({"127.0.0.1", "127.0.0.2"}, 0);
  ASSERT_TRUE(listener) << listener.error().message;
  ASSERT_EQ((*listener)->endpoints().size(), 2u);
  EXPECT_EQ((*listener)->endpoints()[0].port, (*listener)->endpoints()[1].port);
}

TEST(Listener, AnAbsentAddressIsLeftOutUnlessItIsTheOnlyOne) {
  auto listener = Listener::open({"127.0.0.1", "192.0.2.1"}, 0);
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_EQ((*listener)->endpoints().size(), 1u);
  EXPECT_EQ(Listener::open({"192.0.2.1"}, 0).error().code, ErrorCode::kInvalidArgument);
}

int connect_to(runtime::UniqueFd& client, uint16_t port) {
  client = runtime::UniqueFd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
}

TEST(Listener, ATakenPortIsAnError) {
  runtime::SystemClock clock;
  auto loop = std::move(runtime::EpollLoop::create(clock).value());
  auto first = Listener::open({"127.0.0.1"}, 0);
  ASSERT_TRUE(first);
  Protocol protocol{.name = "test", .port = {0}, .make_session = {}};
  ASSERT_TRUE((*first)->start(*loop, protocol, {}));
  auto second = Listener::open({"127.0.0.1"}, (*first)->port());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
  (*first)->stop();
}

TEST(Listener, AcceptsFromItsStartUntilItIsStopped) {
  runtime::SystemClock clock;
  auto loop = std::move(runtime::EpollLoop::create(clock).value());
  auto listener = std::move(Listener::open({"127.0.0.1"}, 0).value());
  runtime::UniqueFd early;
  EXPECT_NE(connect_to(early, listener->port()), 0) << "refused";
  Protocol protocol{.name = "test", .port = {0}, .make_session = {}};
  int accepted = 0;
  ASSERT_TRUE(
      listener->start(*loop, protocol, [&](const Protocol& p, runtime::UniqueFd fd, const runtime::Endpoint& peer) {
        EXPECT_EQ(p.name, "test");
        EXPECT_TRUE(fd);
        EXPECT_TRUE(peer.loopback);
        if (++accepted == 2) {
          listener->stop();
          loop->stop();
        }
      }));
  runtime::UniqueFd clients[2];
  for (auto& client : clients) ASSERT_EQ(connect_to(client, listener->port()), 0);
  loop->run();
  EXPECT_EQ(accepted, 2);
}

}  // namespace
}  // namespace godwit::server
