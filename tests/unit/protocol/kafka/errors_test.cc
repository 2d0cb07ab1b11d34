#include "protocol/kafka/errors.h"

#include <gtest/gtest.h>

namespace godwit::protocol::kafka {
namespace {

TEST(Errors, TheSameOutcomeIsNamedByItsSubject) {
  EXPECT_EQ(kafka_error(ErrorCode::kNotFound, Subject::kPartition), error::kUnknownTopicOrPartition);
  EXPECT_EQ(kafka_error(ErrorCode::kNotFound, Subject::kGroup), error::kGroupIdNotFound);
  EXPECT_EQ(kafka_error(ErrorCode::kFenced, Subject::kGroup), error::kFencedInstanceId);
  EXPECT_EQ(kafka_error(ErrorCode::kFenced, Subject::kProducer), error::kInvalidProducerEpoch);
  EXPECT_EQ(kafka_error(ErrorCode::kFull, Subject::kProducer), error::kStorageError);
}

TEST(Errors, ABatchOlderThanWhatIsRememberedIsNotSaidToBeStored) {
  EXPECT_EQ(kafka_error(ErrorCode::kDuplicate, Subject::kProducer), error::kOutOfOrderSequenceNumber);
}

TEST(Errors, EveryOutcomeHasACode) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kIo); ++i)
    for (Subject subject :
         {Subject::kTopic, Subject::kPartition, Subject::kProducer, Subject::kGroup, Subject::kCluster})
      EXPECT_GT(kafka_error(static_cast<ErrorCode>(i), subject), error::kNone) << i;
}

}  // namespace
}  // namespace godwit::protocol::kafka
