#include "admin/call.h"

#include <charconv>

#include <fmt/format.h>

#include "base/check.h"
#include "base/utf8.h"

namespace godwit::admin {
namespace {

/// Names of headers and of clients are bytes of their peers' choice; a JSON document is UTF-8 (RFC 8259, 8.1).
std::string json_text(const json::value& value) {
  std::string text = json::serialize(value) + "\n";
  return is_utf8(text) ? text : to_utf8(text);
}

}  // namespace

std::string Call::space() const { return query("space").value_or("default"); }

std::set<std::string> Call::spaces() const {
  const std::vector<std::string>& configured = node().spaces();
  std::set<std::string> all(configured.begin(), configured.end());
  catalog().for_each_space([&](std::string_view space) { all.emplace(space); });
  return all;
}

Result<void> Call::check_space() const {
  if (spaces().contains(space())) return {};
  return fail(ErrorCode::kNotFound, fmt::format("there is no namespace '{}'", space()));
}

std::optional<std::string> Call::query(const std::string& name) const {
  auto it = request_.query.find(name);
  if (it == request_.query.end()) return std::nullopt;
  return it->second;
}

Result<int64_t> Call::number(const std::string& name, int64_t otherwise, int64_t min, int64_t max) const {
  std::optional<std::string> text = query(name);
  if (!text) return otherwise;
  int64_t value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < min || value > max)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} = {}: expected a number from {} to {}", name, *text, min, max));
  return value;
}

Result<json::object> Call::body() const {
  if (request_.body.empty()) return json::object();
  boost::system::error_code error;
  json::value value = json::parse(request_.body, error);
  if (error) return fail(ErrorCode::kInvalidArgument, fmt::format("the body is no JSON: {}", error.message()));
  if (!value.is_object()) return fail(ErrorCode::kInvalidArgument, "the body is no JSON object");
  return std::move(value.as_object());
}

const model::CatalogView& Call::catalog() const {
  CHECK(session_ != nullptr);
  return session_->host().catalog();
}

model::Now Call::now() const {
  CHECK(session_ != nullptr);
  return session_->host().now();
}

NodeView& Call::node() const {
  CHECK(session_ != nullptr);
  return session_->node();
}

SessionId Call::session_id() const {
  CHECK(session_ != nullptr);
  return session_->host().id();
}

void Call::reply(Response response) {
  if (session_ != nullptr) session_->finish(response);
}

void Call::reply(const json::value& value, unsigned status) { reply({.status = status, .body = json_text(value)}); }

void Call::refuse(const Error& error) { reply(error_response(error)); }

Response error_response(const Error& error) { return error_response(error, http_status(error.code)); }

Response error_response(const Error& error, unsigned status) {
  json::object body{{"error", to_string(error.code)}, {"message", error.message}};
  return {.status = status, .body = json_text(body)};
}

unsigned http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kMalformed:
    case ErrorCode::kOffsetOutOfRange:
    case ErrorCode::kInconsistentProtocol: return 400;
    case ErrorCode::kAccessDenied: return 403;
    case ErrorCode::kNotFound:
    case ErrorCode::kUnknownMember:
    case ErrorCode::kUnknownProducer: return 404;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kMismatch:
    case ErrorCode::kInUse:
    case ErrorCode::kExclusive:
    case ErrorCode::kLeaseLost:
    case ErrorCode::kOutOfOrder:
    case ErrorCode::kDuplicate:
    case ErrorCode::kFenced:
    case ErrorCode::kMemberIdRequired:
    case ErrorCode::kIllegalGeneration:
    case ErrorCode::kRebalanceInProgress:
    case ErrorCode::kGroupNotEmpty: return 409;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kUnsupported: return 501;
    case ErrorCode::kOverLimit:
    case ErrorCode::kBusy: return 429;
    case ErrorCode::kFull: return 507;
    case ErrorCode::kTimeout: return 504;
    case ErrorCode::kNotOwner:
    case ErrorCode::kStopping: return 503;
    case ErrorCode::kCorrupt:
    case ErrorCode::kIo: return 500;
  }
  return 500;
}

}  // namespace godwit::admin
