#include "admin/http_session.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "admin/call.h"
#include "admin/router.h"

namespace godwit::admin {

namespace http = boost::beast::http;

namespace {

/// "0\r\n\r\n": as much is always still to come in a body of chunks. Beast (1.81) asserts that it is there when it goes
/// on in a last chunk, and aborts.
constexpr size_t kLastChunkBytes = 5;

}  // namespace

struct HttpSession::Parser {
  http::request_parser<http::string_body> http;
  bool continued = false;

  Parser() {
    http.eager(true);
    http.header_limit(kHttpHeaderBytesMax);
    http.body_limit(kHttpBodyBytesMax);
  }
};

HttpSession::HttpSession(broker::SessionHost& host, NodeView& node, Peer peer) : host_(host), node_(node), peer_(peer) {
  host_.set_principal({.user = "guest", .admin = true});
  host_.set_timer(host_.now().boot_ms + kHttpIdleMs);
}

HttpSession::~HttpSession() {
  if (call_) call_->session_ = nullptr;
}

void HttpSession::on_timer() {
  if (call_ == nullptr) return host_.close();
  host_.set_timer(host_.now().boot_ms + kHttpIdleMs);  // the broker is at work for it
}

void HttpSession::on_closed() {
  closed_ = true;
  if (call_) std::exchange(call_, nullptr)->session_ = nullptr;
  calls_.clear();
}

size_t HttpSession::held_bytes() const { return parser_ ? parser_->http.get().body().capacity() : 0; }

size_t HttpSession::on_bytes(ByteView in) {
  size_t taken = 0;
  while (!closed_ && !call_ && taken < in.size()) {
    size_t n = parse(in.subspan(taken));
    taken += n;
    if (n == 0) break;
  }
  return closed_ ? in.size() : taken;
}

/// Takes what it can of one request; with its last byte the request is dispatched.
size_t HttpSession::parse(ByteView in) {
  if (!parser_) parser_ = std::make_unique<Parser>();
  if (parser_->http.is_header_done() && parser_->http.chunked() && in.size() < kLastChunkBytes) return 0;
  boost::system::error_code error;
  size_t taken = parser_->http.put(boost::asio::const_buffer(in.data(), in.size()), error);
  if (error == http::error::need_more) error = {};
  if (!error && held_bytes() > kReceiveBytesMin && host_.memory_exhausted()) {
    refuse({ErrorCode::kBusy, "memory is short"});
    return in.size();
  }
  if (error) {
    bool too_large = error == http::error::body_limit || error == http::error::header_limit;
    refuse({too_large ? ErrorCode::kTooLarge : ErrorCode::kMalformed, error.message()});
    return in.size();
  }
  if (parser_->http.is_done()) {
    dispatch();
  } else if (parser_->http.is_header_done() && !std::exchange(parser_->continued, true) &&
             parser_->http.get()[http::field::expect] == "100-continue") {
    Writer(host_.output().buffer()).bytes("HTTP/1.1 100 Continue\r\n\r\n");
  }
  return taken;
}

void HttpSession::dispatch() {
  auto message = std::exchange(parser_, nullptr)->http.release();
  head_only_ = message.method() == http::verb::head;
  keep_alive_ = message.keep_alive();
  if (client_.empty()) client_ = std::string(message[http::field::user_agent]);
  host_.set_timer(host_.now().boot_ms + kHttpIdleMs);

  Request request;
  request.method = head_only_ ? "GET" : std::string(message.method_string());
  auto target = message.target();
  if (!parse_target({target.data(), target.size()}, request))
    return refuse({ErrorCode::kMalformed, "the path is malformed"});
  auto host = message[http::field::host];
  auto origin = message[http::field::origin];
  if (peer_.local && !trusted_origin({host.data(), host.size()}, {origin.data(), origin.size()}))
    return refuse({ErrorCode::kAccessDenied,
                   "from this machine, only requests to localhost or an address, and not from another site's page"});
  // What only says how the broker does is for everybody.
  if (!peer_.guest_allowed && !request.path.empty() && request.path.front() == "api")
    return refuse({ErrorCode::kAccessDenied,
                   "from other machines only /health and /metrics, unless server.guest_from_anywhere is set"});
  request.body = std::move(message.body());
  call_ = std::make_shared<Call>(*this, std::move(request));
  route(CallPtr(call_));  // a copy: finish() lets go of call_
}

void HttpSession::refuse(const Error& error) {
  closed_ = true;
  parser_.reset();
  write(error_response(error), false, false);
  host_.close();
}

void HttpSession::finish(const Response& response) {
  write(response, head_only_, keep_alive_);
  if (call_) std::exchange(call_, nullptr)->session_ = nullptr;
  host_.set_timer(host_.now().boot_ms + kHttpIdleMs);
  if (keep_alive_) return;
  closed_ = true;
  host_.close();
}

void HttpSession::write(const Response& response, bool head_only, bool keep_alive) {
  auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  Writer out(host_.output().buffer());
  out.bytes(fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n{}\r\n",
                        response.status, std::string_view(reason.data(), reason.size()), response.content_type,
                        response.body.size(), keep_alive ? "" : "Connection: close\r\n"));
  if (!head_only) out.bytes(response.body);
}

}  // namespace godwit::admin
