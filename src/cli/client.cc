#include "cli/client.h"

#include <cstdio>

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
  auto answer = http_->ask(method, full, body.empty() ? "" : json::serialize(body), kTimeoutMs + wait_ms);
  if (!answer) return report(kUnreachable, answer.error().message);
  boost::system::error_code error;
  reply = json::parse(answer->body, error);
  if (error || !reply.is_object())
    return report(kUnreachable, fmt::format("{} answers, but not as a broker's admin API", options_.url));
  if (answer->status < 300) return true;
  return report(kRefused, cell(reply, "message"));
}

std::string cell(const json::value& object, std::string_view member) {
  const json::value* v = object.is_object() ? object.as_object().if_contains(member) : nullptr;
  if (v == nullptr || v->is_null()) return "";
  if (v->is_string()) return std::string(v->as_string());
  return json::serialize(*v);
}

void print_json(const json::value& reply) { fmt::print("{}\n", json::serialize(reply)); }

}  // namespace godwit::cli
