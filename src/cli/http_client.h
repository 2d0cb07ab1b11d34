#pragma once

#include <cstdint>
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

/// Asks one thing and waits. A connection of its own each time. Errors: kIo: no answer; kTimeout.
Result<HttpReply> http_request(const Url& url, std::string_view method, std::string_view target, std::string_view body,
                               int64_t timeout_ms);

/// Percent-encodes one segment of a path or one value of a query.
std::string url_encode(std::string_view text);

}  // namespace godwit::cli
