#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"

namespace godwit::protocol::kafka {
namespace {

TEST(InitProducerId, GivesOutIdsInEveryVersion) {
  for (int16_t version = 0; version <= 5; ++version) {
    Connection c;
    c.ask(InitProducerIdRequest{.transactional_id = {}, .producer_id = 6, .producer_epoch = 2}, version);
    model::AllocateProducer command = c.answer<model::AllocateProducer>({.producer_id = 6, .epoch = 3});
    EXPECT_EQ(command.producer_id, version < 3 ? -1 : 6);
    InitProducerIdResponse response = c.response<InitProducerIdRequest>(version);
    EXPECT_EQ(response.producer_id, 6);
    EXPECT_EQ(response.producer_epoch, 3);
  }
}

TEST(InitProducerId, TransactionsAreRefused) {
  Connection c;
  c.ask(InitProducerIdRequest{.transactional_id = "tx"}, 4);
  EXPECT_TRUE(c.host.submitted.empty());
  EXPECT_EQ(c.response<InitProducerIdRequest>(4).error, error::kTransactionalIdAuthorizationFailed);
}

TEST(Sasl, OnlyPlainIsOffered) {
  Connection c;
  c.ask(SaslHandshakeRequest{.mechanism = "SCRAM-SHA-256"}, 1);
  SaslHandshakeResponse response = c.response<SaslHandshakeRequest>(1);
  EXPECT_EQ(response.error, error::kUnsupportedSaslMechanism);
  EXPECT_EQ(response.mechanisms, std::vector<std::string>{"PLAIN"});
}

}  // namespace
}  // namespace godwit::protocol::kafka
