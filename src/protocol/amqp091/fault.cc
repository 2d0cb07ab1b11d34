#include "protocol/amqp091/fault.h"

#include <fmt/format.h>

namespace godwit::protocol::amqp091 {
namespace {

constexpr size_t kTextBytesMax = 255;

struct Mapped {
  Scope scope;
  ReplyCode code;
};

Mapped map(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case kInvalidArgument:
    case kMismatch:
    case kInUse:
    case kAlreadyExists:
    case kTooLarge:
    case kOverLimit:
    case kLeaseLost:
    case kOffsetOutOfRange:
    case kTimeout: return {Scope::kChannel, ReplyCode::kPreconditionFailed};
    case kNotFound: return {Scope::kChannel, ReplyCode::kNotFound};
    case kExclusive: return {Scope::kChannel, ReplyCode::kResourceLocked};
    case kAccessDenied: return {Scope::kChannel, ReplyCode::kAccessRefused};
    case kFull:
    case kBusy: return {Scope::kChannel, ReplyCode::kResourceError};
    case kUnsupported: return {Scope::kConnection, ReplyCode::kNotImplemented};
    case kMalformed: return {Scope::kConnection, ReplyCode::kSyntaxError};
    case kStopping: return {Scope::kConnection, ReplyCode::kConnectionForced};
    // Of idempotent producers and consumer groups, which this protocol has none of; and of the broker's own trouble.
    case kOutOfOrder:
    case kDuplicate:
    case kFenced:
    case kUnknownProducer:
    case kUnknownMember:
    case kMemberIdRequired:
    case kIllegalGeneration:
    case kRebalanceInProgress:
    case kInconsistentProtocol:
    case kGroupNotEmpty:
    case kNotOwner:
    case kCorrupt:
    case kIo: return {Scope::kConnection, ReplyCode::kInternalError};
  }
  return {Scope::kConnection, ReplyCode::kInternalError};
}

}  // namespace

std::string_view to_string(ReplyCode code) {
  switch (code) {
    case ReplyCode::kSuccess: return "SUCCESS";
    case ReplyCode::kContentTooLarge: return "CONTENT_TOO_LARGE";
    case ReplyCode::kNoRoute: return "NO_ROUTE";
    case ReplyCode::kConnectionForced: return "CONNECTION_FORCED";
    case ReplyCode::kInvalidPath: return "INVALID_PATH";
    case ReplyCode::kAccessRefused: return "ACCESS_REFUSED";
    case ReplyCode::kNotFound: return "NOT_FOUND";
    case ReplyCode::kResourceLocked: return "RESOURCE_LOCKED";
    case ReplyCode::kPreconditionFailed: return "PRECONDITION_FAILED";
    case ReplyCode::kFrameError: return "FRAME_ERROR";
    case ReplyCode::kSyntaxError: return "SYNTAX_ERROR";
    case ReplyCode::kCommandInvalid: return "COMMAND_INVALID";
    case ReplyCode::kChannelError: return "CHANNEL_ERROR";
    case ReplyCode::kUnexpectedFrame: return "UNEXPECTED_FRAME";
    case ReplyCode::kResourceError: return "RESOURCE_ERROR";
    case ReplyCode::kNotAllowed: return "NOT_ALLOWED";
    case ReplyCode::kNotImplemented: return "NOT_IMPLEMENTED";
    case ReplyCode::kInternalError: return "INTERNAL_ERROR";
  }
  return "INTERNAL_ERROR";
}

std::string Fault::text() const {
  std::string text = fmt::format("{} - {}", to_string(code), detail);
  if (text.size() <= kTextBytesMax) return text;
  size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

Fault fault_of(const Error& error) {
  Mapped mapped = map(error.code);
  return {mapped.scope, mapped.code, error.message.empty() ? std::string(to_string(error.code)) : error.message};
}

}  // namespace godwit::protocol::amqp091
