#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"

namespace godwit::protocol::amqp091 {

/// Spec: AMQP 0-9-1, 1.3 (constants).
enum class ReplyCode : uint16_t {
  kSuccess = 200,
  kContentTooLarge = 311,
  kNoRoute = 312,
  kConnectionForced = 320,
  kInvalidPath = 402,
  kAccessRefused = 403,
  kNotFound = 404,
  kResourceLocked = 405,
  kPreconditionFailed = 406,
  kFrameError = 501,
  kSyntaxError = 502,
  kCommandInvalid = 503,
  kChannelError = 504,
  kUnexpectedFrame = 505,
  kResourceError = 506,
  kNotAllowed = 530,
  kNotImplemented = 540,
  kInternalError = 541,
};

/// As it opens a reply text: "NOT_FOUND".
std::string_view to_string(ReplyCode code);

/// What an error closes.
enum class Scope : uint8_t { kChannel, kConnection };

/// A refusal on its way to the client: it closes the channel or the connection.
struct Fault {
  Scope scope = Scope::kChannel;
  ReplyCode code = ReplyCode::kInternalError;
  std::string detail;

  /// "NOT_FOUND - no queue 'jobs' in vhost '/'", at most 255 bytes, cut between characters.
  std::string text() const;
};

/// What a handler of a method returns.
using Outcome = std::expected<void, Fault>;

inline std::unexpected<Fault> channel_fault(ReplyCode code, std::string detail) {
  return std::unexpected(Fault{Scope::kChannel, code, std::move(detail)});
}
inline std::unexpected<Fault> connection_fault(ReplyCode code, std::string detail) {
  return std::unexpected(Fault{Scope::kConnection, code, std::move(detail)});
}

/// What clients see of a refused command.
Fault fault_of(const Error& error);

}  // namespace godwit::protocol::amqp091
