#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::admin {

/// One HTTP request, as handlers see it.
struct Request {
  std::string method;
  std::vector<std::string> path;             ///< segments, percent-decoded: /api/queues/a%2Fb is api, queues, a/b
  std::map<std::string, std::string> query;  ///< percent-decoded; of a repeated name the last
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Splits a request target into path and query. False when it is no path or is wrongly encoded.
bool parse_target(std::string_view target, Request& into);

/// Whether a browser may be behind a request that came from this machine: a Host that is not an address or localhost
/// may be a name that a web page's owner points here, and a foreign Origin is a web page elsewhere.
bool trusted_origin(std::string_view host, std::string_view origin);

}  // namespace godwit::admin
