#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"

namespace godwit::cli {

/// What a command asked of the broker.
struct Asked {
  std::string method;
  std::string target;
  std::string body;
  std::string line() const { return method + " " + target; }
};

/// What the broker says to it.
struct Said {
  std::string body = "{}";
  unsigned status = 200;
};

/// An admin API of one connection after another, which answers as the test says. It runs until the test is over.
class FakeAdmin {
 public:
  using Answers = std::function<Said(const Asked&)>;

  explicit FakeAdmin(Answers answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    url_ = fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  /// Says the same to everything.
  explicit FakeAdmin(Said said) : FakeAdmin([said](const Asked&) { return said; }) {}
  ~FakeAdmin() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  const std::string& url() const { return url_; }
  /// In order. Not while a command runs.
  const std::vector<Asked>& asked() const { return asked_; }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Asked& asked : asked_) lines.push_back(asked.line());
    return lines;
  }
  boost::json::value body(size_t i) const { return boost::json::parse(asked_.at(i).body); }

 private:
  void serve() {
    for (int peer = -1; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) {
      std::string in;
      while (read_head(peer, in)) answer(peer, in);
    }
  }
  static bool read_head(int peer, std::string& in) {
    while (in.find("\r\n\r\n") == std::string::npos)
      if (!read_more(peer, in)) return false;
    return true;
  }
  static bool read_more(int peer, std::string& in) {
    std::array<char, 4096> piece;
    ssize_t n = ::recv(peer, piece.data(), piece.size(), 0);
    if (n > 0) in.append(piece.data(), static_cast<size_t>(n));
    return n > 0;
  }
  void answer(int peer, std::string& in) {
    size_t head = in.find("\r\n\r\n") + 4;
    size_t length = 0;
    if (size_t at = in.find("Content-Length: "); at < head) length = std::stoul(in.substr(at + 16));
    while (in.size() < head + length)
      if (!read_more(peer, in)) return;
    size_t space = in.find(' ');
    Asked asked{in.substr(0, space), in.substr(space + 1, in.find(' ', space + 1) - space - 1),
                in.substr(head, length)};
    in.erase(0, head + length);
    asked_.push_back(asked);
    Said said = answers_(asked);
    std::string out =
        fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n\r\n{}", said.status, said.body.size(), said.body);
    ::send(peer, out.data(), out.size(), MSG_NOSIGNAL);
  }

  Answers answers_;
  std::string url_;
  int listener_ = -1;
  std::vector<Asked> asked_;
  std::thread thread_;
};

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

/// Runs `godwit ARGUMENTS` as main() does, without an environment.
inline Outcome run(std::vector<std::string> arguments) {
  ::unsetenv("GODWIT_URL");
  CLI::App app("test", "godwit");
  Options options;
  Outcome outcome{.code = kDone};
  add_commands(app, options, outcome.code);
  std::ranges::reverse(arguments);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    outcome.code = report_parse_error(app, error);
  }
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}
inline Outcome run(const FakeAdmin& admin, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--url", admin.url()});
  return run(std::move(arguments));
}

}  // namespace godwit::cli
