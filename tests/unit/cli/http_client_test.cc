#include "cli/http_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

using ::testing::HasSubstr;

TEST(HttpClient, ReadsUrls) {
  auto url = parse_url("http://127.0.0.1:8080");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, "8080");
  EXPECT_EQ(parse_url("localhost/")->port, "80");
  EXPECT_EQ(parse_url("http://[::1]:9")->host, "[::1]");
  EXPECT_EQ(parse_url("http://[::1]:9")->port, "9");
  EXPECT_FALSE(parse_url("http://"));
  EXPECT_FALSE(parse_url("https://x:1"));
  EXPECT_FALSE(parse_url("http://x:y"));
}

TEST(HttpClient, EncodesWhatAPathCannotHold) { EXPECT_EQ(url_encode("a/b c%é"), "a%2Fb%20c%25%C3%A9"); }

TEST(HttpClient, NobodyThereIsNoAnswer) {
  auto url = parse_url("http://127.0.0.1:1");
  auto reply = HttpClient(*url).ask("GET", "/", "", 5'000);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kIo);
  EXPECT_THAT(reply.error().message, HasSubstr("Is it running?"));
}

TEST(HttpClient, AnAnswerThatIsNoHttpMayBeAnotherPorts) {
  int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 2), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  for (std::string_view said : {std::string_view("AMQP\0\0\x09\x01", 8), std::string_view()}) {
    std::thread server([&] {
      int peer = ::accept(listener, nullptr, nullptr);
      ::send(peer, said.data(), said.size(), MSG_NOSIGNAL);
      ::shutdown(peer, SHUT_WR);
      std::array<char, 1024> piece;
      while (::recv(peer, piece.data(), piece.size(), 0) > 0) {
      }
      ::close(peer);
    });
    auto url = parse_url(fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port)));
    {
      auto reply = HttpClient(*url).ask("GET", "/", "", 5'000);
      ASSERT_FALSE(reply);
      EXPECT_THAT(reply.error().message, HasSubstr("is it the broker's http.port?"));
    }
    server.join();
  }
  ::close(listener);
}

}  // namespace
}  // namespace godwit::cli
