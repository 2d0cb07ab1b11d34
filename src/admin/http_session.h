#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "admin/http.h"
#include "admin/node_view.h"
#include "broker/session.h"

namespace godwit::admin {

class Call;

/// A request's head; its body.
constexpr size_t kHttpHeaderBytesMax = 16 * 1024;
constexpr size_t kHttpBodyBytesMax = 16 * 1024 * 1024;
/// How long a connection may be idle between requests, or take for one.
constexpr int64_t kHttpIdleMs = 60'000;

/// One HTTP/1.1 connection to the admin API, without a socket like any other session. One request at a time: what a
/// client sends ahead stays with the connection until the answer is written.
class HttpSession final : public broker::Session {
 public:
  struct Peer {
    bool local = true;          ///< the connection comes from this machine
    bool guest_allowed = true;  ///< nobody signs in here, so whoever asks is the user guest
  };
  HttpSession(broker::SessionHost& host, NodeView& node, Peer peer);
  ~HttpSession() override;

  size_t on_bytes(ByteView in) override;
  size_t bytes_wanted() const override { return kHttpHeaderBytesMax; }
  void on_reply(broker::RequestId id, broker::Reply reply) override { calls_.on_reply(id, std::move(reply)); }
  void on_notice(broker::Notice) override {}
  void on_timer() override;
  void on_writable() override {}
  bool paused() const override { return call_ != nullptr; }
  size_t held_bytes() const override;
  void on_closed() override;
  std::string describe() const override { return client_.empty() ? "http" : client_; }

  // For the call.
  template <class C, class F>
  void submit(C command, F then) {
    calls_.call(host_, std::move(command), std::move(then));
  }
  broker::SessionHost& host() { return host_; }
  NodeView& node() { return node_; }
  void finish(const Response& response);

 private:
  struct Parser;

  size_t parse(ByteView in);
  void dispatch();
  void refuse(const Error& error);
  void write(const Response& response, bool head_only, bool keep_alive);

  broker::SessionHost& host_;
  NodeView& node_;
  const Peer peer_;
  broker::Calls calls_;
  std::unique_ptr<Parser> parser_;  ///< of the request that is arriving
  std::shared_ptr<Call> call_;      ///< the request under way
  bool head_only_ = false;
  bool keep_alive_ = true;
  bool closed_ = false;
  std::string client_;
};

}  // namespace godwit::admin
