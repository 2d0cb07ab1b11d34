#include "protocol/kafka/errors.h"

namespace godwit::protocol::kafka {
namespace {

int16_t not_found(Subject subject) {
  return subject == Subject::kGroup ? error::kGroupIdNotFound : error::kUnknownTopicOrPartition;
}

int16_t access_denied(Subject subject) {
  if (subject == Subject::kGroup) return error::kGroupAuthorizationFailed;
  if (subject == Subject::kCluster) return error::kClusterAuthorizationFailed;
  return error::kTopicAuthorizationFailed;
}

int16_t invalid_argument(Subject subject) {
  if (subject == Subject::kGroup) return error::kInvalidSessionTimeout;
  if (subject == Subject::kTopic) return error::kInvalidPartitions;
  return error::kInvalidRequest;
}

int16_t too_large(Subject subject) {
  if (subject == Subject::kGroup) return error::kInvalidGroupId;
  return subject == Subject::kTopic ? error::kInvalidConfig : error::kMessageTooLarge;
}

}  // namespace

int16_t kafka_error(ErrorCode code, Subject subject) {
  bool group = subject == Subject::kGroup;
  switch (code) {
    case ErrorCode::kInvalidArgument: return invalid_argument(subject);
    case ErrorCode::kNotFound: return not_found(subject);
    case ErrorCode::kAlreadyExists: return error::kTopicAlreadyExists;
    case ErrorCode::kMismatch: return error::kInvalidConfig;
    case ErrorCode::kInUse: return group ? error::kGroupSubscribedToTopic : error::kPolicyViolation;
    case ErrorCode::kExclusive: return access_denied(subject);
    case ErrorCode::kAccessDenied: return access_denied(subject);
    case ErrorCode::kUnsupported: return error::kInvalidRequest;
    case ErrorCode::kTooLarge: return too_large(subject);
    case ErrorCode::kMalformed: return error::kInvalidRecord;
    case ErrorCode::kOffsetOutOfRange: return error::kOffsetOutOfRange;
    case ErrorCode::kLeaseLost: return error::kInvalidRequest;
    case ErrorCode::kOutOfOrder: return error::kOutOfOrderSequenceNumber;
    // DUPLICATE_SEQUENCE_NUMBER would tell the client that the batch is stored. It may as well have been refused when
    // its successor was taken as the first of a producer that was not known.
    case ErrorCode::kDuplicate: return error::kOutOfOrderSequenceNumber;
    case ErrorCode::kFenced: return group ? error::kFencedInstanceId : error::kInvalidProducerEpoch;
    case ErrorCode::kUnknownProducer: return error::kUnknownProducerId;
    case ErrorCode::kUnknownMember: return error::kUnknownMemberId;
    case ErrorCode::kMemberIdRequired: return error::kMemberIdRequired;
    case ErrorCode::kIllegalGeneration: return error::kIllegalGeneration;
    case ErrorCode::kRebalanceInProgress: return error::kRebalanceInProgress;
    case ErrorCode::kInconsistentProtocol: return error::kInconsistentGroupProtocol;
    case ErrorCode::kGroupNotEmpty: return error::kNonEmptyGroup;
    // Clients ask for the metadata again and retry.
    case ErrorCode::kNotOwner: return group ? error::kNotCoordinator : error::kStorageError;
    case ErrorCode::kOverLimit: return group ? error::kGroupMaxSizeReached : error::kPolicyViolation;
    // Clients retry a produce after these until their delivery timeout.
    case ErrorCode::kFull: return group ? error::kCoordinatorNotAvailable : error::kStorageError;
    case ErrorCode::kBusy: return group ? error::kCoordinatorNotAvailable : error::kRequestTimedOut;
    case ErrorCode::kTimeout: return error::kRequestTimedOut;
    case ErrorCode::kStopping: return group ? error::kCoordinatorNotAvailable : error::kStorageError;
    case ErrorCode::kCorrupt: return error::kCorruptMessage;
    case ErrorCode::kIo: return group ? error::kCoordinatorNotAvailable : error::kStorageError;
  }
  return error::kUnknownServerError;
}

int16_t leader_epoch_error(int32_t asked, int32_t current) {
  if (asked == -1 || asked == current) return error::kNone;
  return asked < current ? error::kFencedLeaderEpoch : error::kUnknownLeaderEpoch;
}

}  // namespace godwit::protocol::kafka
