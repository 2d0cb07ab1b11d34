#include "cli/client.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

namespace godwit::cli {
namespace {

constexpr int64_t kTimeoutMs = 30'000;

}  // namespace

bool Client::report(int code, std::string_view message) {
  exit_code_ = code;
  fmt::print(stderr, "godwit: {}\n", message);
  return false;
}

bool Client::ask(std::string_view method, const std::string& target, const json::object& body, json::value& reply,
                 int64_t wait_ms) {
  if (!http_) {
    auto url = parse_url(options_.url);
    if (!url) return report(kUsage, url.error().message);
    http_.emplace(std::move(*url));
  }
  std::string full = fmt::format("{}{}space={}", target, target.find('?') == std::string::npos ? "?" : "&",
                                 url_encode(options_.space));
  asked_ = fmt::format("{} {}", method, target);
  auto answer = http_->ask(method, full, body.empty() ? "" : json::serialize(body), kTimeoutMs + wait_ms);
  if (!answer) return report(kUnreachable, answer.error().message);
  boost::system::error_code error;
  reply = json::parse(answer->body, error);
  if (error || !reply.is_object())
    return report(kUnreachable,
                  fmt::format("{} answers {} with status {}, but not as a broker's admin API: is --url its http.port?",
                              options_.url, asked_, answer->status));
  if (answer->status < 300) return true;
  std::string why = cell(reply, "message");
  return report(kRefused, why.empty() ? fmt::format("{} refuses {} with status {} and no reason", options_.url, asked_,
                                                    answer->status)
                                      : why);
}

bool Client::misses(std::string_view what) {
  return report(kUnreachable, fmt::format("{} answers {} without {}: another program, or a broker of another version; "
                                          "`godwit doctor` says which",
                                          options_.url, asked_, what));
}

const json::array* Client::list(const json::value& reply, std::string_view member) {
  const json::value* v = reply.is_object() ? reply.as_object().if_contains(member) : nullptr;
  if (v != nullptr && v->is_array()) return &v->as_array();
  misses(fmt::format("a list '{}'", member));
  return nullptr;
}

bool Client::has_number(const json::value& object, std::string_view member) {
  const json::value* v = object.is_object() ? object.as_object().if_contains(member) : nullptr;
  return (v != nullptr && v->is_number()) || misses(fmt::format("a number '{}'", member));
}

std::string cell(const json::value& object, std::string_view member) {
  const json::value* v = object.is_object() ? object.as_object().if_contains(member) : nullptr;
  if (v == nullptr || v->is_null()) return "";
  if (v->is_string()) return std::string(v->as_string());
  return json::serialize(*v);
}

void print_json(const json::value& reply) { fmt::print("{}\n", json::serialize(reply)); }

bool flush(Client& client) {
  if (std::fflush(stdout) == 0) return true;
  return client.report(kRefused, fmt::format("the output cannot be written: {}", std::strerror(errno)));
}

}  // namespace godwit::cli
