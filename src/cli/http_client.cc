#include "cli/http_client.h"

#include <chrono>
#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace godwit::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

/// Answers above this are cut off: a thousand messages of the largest size would not be read by anybody.
constexpr uint64_t kReplyBytesMax = 256ULL << 20;

}  // namespace

Result<Url> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = text.starts_with(kScheme) ? text.substr(kScheme.size()) : text;
  rest = rest.substr(0, rest.find('/'));
  size_t bracket = rest.find(']');
  size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  Url url{std::string(rest.substr(0, colon)), "80"};
  if (colon != std::string_view::npos) url.port = rest.substr(colon + 1);
  bool digits = !url.port.empty() && url.port.find_first_not_of("0123456789") == std::string::npos;
  if (url.host.empty() || !digits || url.host.find("://") != std::string::npos)
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no http://host:port", text));
  return url;
}

/// The steps of one question run one after another on a context of their own, within one deadline.
class HttpClient::Connection {
 public:
  explicit Connection(const Url& url) : url_(url), resolver_(context_), stream_(context_) {}

  /// Nobody has closed it, and nothing unasked has come.
  bool usable() {
    if (!connected_) return false;
    beast::error_code error;
    char byte = 0;
    stream_.socket().non_blocking(true);
    stream_.socket().receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    return error == asio::error::would_block;
  }

  Result<HttpReply> ask(std::string_view method, std::string_view target, std::string_view body, int64_t timeout_ms) {
    prepare(method, target, body);
    stream_.expires_after(std::chrono::milliseconds(timeout_ms));
    if (connected_)
      write();
    else
      connect();
    context_.restart();
    context_.run();
    std::string where = fmt::format("http://{}:{}", url_.host, url_.port);
    connected_ = !error_ && parser_->get().keep_alive();
    if (error_ == beast::error::timeout) return fail(ErrorCode::kTimeout, where + " did not answer in time");
    if (error_) return fail(ErrorCode::kIo, why(where));
    answered_ = true;
    return HttpReply{parser_->get().result_int(), std::move(parser_->get().body())};
  }

 private:
  std::string why(const std::string& where) const {
    if (!reached_)
      return fmt::format(
          "cannot reach a broker at {}: {}. Is it running? --url or GODWIT_URL says where its http.port is", where,
          error_.message());
    if (!answered_)
      return fmt::format("{} gives no HTTP answer ({}): is it the broker's http.port?", where, error_.message());
    return fmt::format("{} broke the connection off: {}", where, error_.message());
  }
  void prepare(std::string_view method, std::string_view target, std::string_view body) {
    request_ = {};
    request_.method_string({method.data(), method.size()});
    request_.target({target.data(), target.size()});
    request_.version(11);
    request_.set(http::field::host, fmt::format("{}:{}", url_.host, url_.port));
    request_.set(http::field::user_agent, "godwit-cli");
    request_.set(http::field::content_type, "application/json");
    request_.body() = std::string(body);
    request_.prepare_payload();
    parser_.emplace();
    parser_->body_limit(kReplyBytesMax);
  }
  void connect() {
    std::string host = url_.host;
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    resolver_.async_resolve(host, url_.port, [this](beast::error_code error, const auto& results) {
      if (error) return finish(error);
      stream_.async_connect(results, [this](beast::error_code failed, const auto&) {
        if (failed) return finish(failed);
        reached_ = true;
        write();
      });
    });
  }
  void write() {
    http::async_write(stream_, request_, [this](beast::error_code error, size_t) {
      if (error) return finish(error);
      http::async_read(stream_, buffer_, *parser_, [this](beast::error_code failed, size_t) { finish(failed); });
    });
  }
  void finish(beast::error_code error) { error_ = error; }

  const Url& url_;
  asio::io_context context_;
  asio::ip::tcp::resolver resolver_;
  beast::tcp_stream stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::string_body>> parser_;
  beast::error_code error_;
  bool connected_ = false;
  bool reached_ = false;
  bool answered_ = false;  ///< at least once
};

HttpClient::HttpClient(Url url) : url_(std::move(url)) {}
HttpClient::~HttpClient() = default;

Result<HttpReply> HttpClient::ask(std::string_view method, std::string_view target, std::string_view body,
                                  int64_t timeout_ms) {
  if (!connection_ || !connection_->usable()) connection_ = std::make_unique<Connection>(url_);
  return connection_->ask(method, target, body, timeout_ms);
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (char c : text) {
    if (kPlain.find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace godwit::cli
