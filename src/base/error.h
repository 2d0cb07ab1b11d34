#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace godwit {

/// Every outcome a command can be refused with. Closed: each protocol maps it in one switch without a default,
/// so a new code does not compile until all of them have decided what their clients see.
enum class ErrorCode {
  kInvalidArgument,       ///< a value outside its range, or a malformed name
  kNotFound,              ///< no such topic, queue, exchange, group, message
  kAlreadyExists,         ///< a name is taken
  kMismatch,              ///< redeclared with other settings
  kInUse,                 ///< has consumers, messages or bindings that the caller asked to respect
  kExclusive,             ///< belongs to another connection, or another exclusive consumer is attached
  kAccessDenied,          ///< the principal may not do this
  kUnsupported,           ///< understood, and not offered here
  kTooLarge,              ///< a message, batch or name above its limit
  kMalformed,             ///< bytes that do not follow their format
  kOffsetOutOfRange,      ///< below the log's start or above its end
  kLeaseLost,             ///< the lease ran out, was settled, or belongs to another consumer
  kOutOfOrder,            ///< an idempotent producer's sequence number has a gap
  kDuplicate,             ///< an idempotent producer's batch is older than what is remembered
  kFenced,                ///< a newer epoch of the producer, member or instance is at work
  kUnknownProducer,       ///< no state for that producer id
  kUnknownMember,         ///< the group does not know this member
  kMemberIdRequired,      ///< join again with the member id given in the reply
  kIllegalGeneration,     ///< the group has moved on to another generation
  kRebalanceInProgress,   ///< the group is collecting its members
  kInconsistentProtocol,  ///< the group's members share no protocol with this one
  kGroupNotEmpty,         ///< the group has live members
  kNotOwner,              ///< another node or worker owns the shard
  kOverLimit,             ///< a quota, length limit or in-flight limit is reached
  kFull,                  ///< disk or journal reserve reached: publishes are refused, consumers drain
  kBusy,                  ///< memory pressure: try again
  kTimeout,               ///< a deadline passed
  kStopping,              ///< the broker is shutting down
  kCorrupt,               ///< stored bytes fail their check
  kIo,                    ///< the operating system refused a read or write
};

std::string_view to_string(ErrorCode code);

/// A refused command: the code for programs, the message for people (what happened, to what, what to do).
struct [[nodiscard]] Error {
  ErrorCode code;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace godwit
