#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace godwit::cli {

/// Where the admin API is: http://host[:port], the port 80 where none is given.
struct Url {
  std::string host;
  std::string port;
};
/// Errors: kInvalidArgument.
Result<Url> parse_url(std::string_view text);

struct HttpReply {
  unsigned status = 0;
  std::string body;
};

/// One connection, opened by the first question and again when the server has closed it since the last.
class HttpClient {
 public:
  explicit HttpClient(Url url);
  ~HttpClient();

  /// Asks one thing and waits. Nothing is asked twice: a question whose answer is lost may have been acted on.
  /// Errors: kIo: no answer; kTimeout.
  Result<HttpReply> ask(std::string_view method, std::string_view target, std::string_view body, int64_t timeout_ms);

 private:
  class Connection;
  Url url_;
  std::unique_ptr<Connection> connection_;
};

/// Percent-encodes one segment of a path or one value of a query.
std::string url_encode(std::string_view text);

}  // namespace godwit::cli
