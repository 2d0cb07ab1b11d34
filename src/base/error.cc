#include "base/error.h"

#include "base/check.h"

namespace godwit {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return "invalid argument";
    case ErrorCode::kNotFound: return "not found";
    case ErrorCode::kAlreadyExists: return "already exists";
    case ErrorCode::kMismatch: return "mismatch";
    case ErrorCode::kInUse: return "in use";
    case ErrorCode::kExclusive: return "exclusive";
    case ErrorCode::kAccessDenied: return "access denied";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kTooLarge: return "too large";
    case ErrorCode::kMalformed: return "malformed";
    case ErrorCode::kOffsetOutOfRange: return "offset out of range";
    case ErrorCode::kLeaseLost: return "lease lost";
    case ErrorCode::kOutOfOrder: return "out of order";
    case ErrorCode::kDuplicate: return "duplicate";
    case ErrorCode::kFenced: return "fenced";
    case ErrorCode::kUnknownProducer: return "unknown producer";
    case ErrorCode::kUnknownMember: return "unknown member";
    case ErrorCode::kMemberIdRequired: return "member id required";
    case ErrorCode::kIllegalGeneration: return "illegal generation";
    case ErrorCode::kRebalanceInProgress: return "rebalance in progress";
    case ErrorCode::kInconsistentProtocol: return "inconsistent group protocol";
    case ErrorCode::kGroupNotEmpty: return "group not empty";
    case ErrorCode::kNotOwner: return "not owner";
    case ErrorCode::kOverLimit: return "over limit";
    case ErrorCode::kFull: return "full";
    case ErrorCode::kBusy: return "busy";
    case ErrorCode::kTimeout: return "timeout";
    case ErrorCode::kStopping: return "stopping";
    case ErrorCode::kCorrupt: return "corrupt";
    case ErrorCode::kIo: return "i/o";
  }
  CHECK(false, "unknown error code {}", static_cast<int>(code));
}

}  // namespace godwit
