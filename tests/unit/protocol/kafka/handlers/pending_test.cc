#include "protocol/kafka/handlers/pending.h"

#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/messages/group_admin.h"

namespace godwit::protocol::kafka {
namespace {

TEST(Pending, AnswersOnceWhenTheLastPartIsDone) {
  Connection c;
  c.ask(DeleteGroupsRequest{.groups = {"a", "b"}}, 0);  // one part each
  auto first = c.host.take<model::DeleteGroup>();
  auto second = c.host.take<model::DeleteGroup>();
  ASSERT_TRUE(first && second);
  c.session->on_reply(second->first, broker::ReplyValue(model::GroupDeleted{}));
  EXPECT_TRUE(c.silent());
  c.session->on_reply(first->first, broker::ReplyValue(model::GroupDeleted{}));
  EXPECT_EQ(c.response<DeleteGroupsRequest>(0).groups.size(), 2u);
}

TEST(Pending, WithoutPartsTheHandlersOwnEndIsTheLast) {
  Connection c;
  c.ask(DeleteGroupsRequest{}, 0);
  EXPECT_TRUE(c.response<DeleteGroupsRequest>(0).groups.empty());
}

}  // namespace
}  // namespace godwit::protocol::kafka
