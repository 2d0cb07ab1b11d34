#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

class Declaring : public AmqpTest {
 protected:
  void SetUp() override {
    handshake();
    open_channel();
  }
  static QueueDeclare with(std::initializer_list<std::pair<std::string, model::Value>> arguments) {
    QueueDeclare method{.queue = "q", .durable = true};
    for (const auto& argument : arguments) method.arguments.push_back(argument);
    return method;
  }
  static model::Value text(const char* s) { return model::Value(std::string(s)); }
};

TEST_F(Declaring, AQueueWithEveryArgument) {
  send(1, with({{"x-message-ttl", model::Value(int32_t{60'000})},
                {"x-expires", model::Value(int64_t{1'000})},
                {"x-max-length", model::Value(uint8_t{5})},
                {"x-max-length-bytes", model::Value(int32_t{500})},
                {"x-overflow", text("reject-publish")},
                {"x-dead-letter-exchange", text("dlx")},
                {"x-dead-letter-routing-key", text("dead")},
                {"x-max-priority", model::Value(int32_t{9})},
                {"x-single-active-consumer", model::Value(true)},
                {"x-delivery-limit", model::Value(int32_t{3})},
                {"x-queue-mode", text("lazy")}}));
  auto declare = take<model::DeclareQueue>();
  EXPECT_EQ(declare.name.text, "q");
  EXPECT_FALSE(declare.topic);
  const model::QueueSettings& s = declare.settings;
  EXPECT_TRUE(s.durable);
  EXPECT_EQ(s.message_ttl_ms, 60'000);
  EXPECT_EQ(s.expires_ms, 1'000);
  EXPECT_EQ(s.length_max, 5u);
  EXPECT_EQ(s.bytes_max, 500u);
  EXPECT_EQ(s.overflow, model::Overflow::kRejectPublish);
  EXPECT_EQ(s.dead_letter, (model::DeadLetter{"dlx", "dead"}));
  EXPECT_EQ(s.priorities, 9);
  EXPECT_TRUE(s.single_active_consumer);
  EXPECT_EQ(s.delivery_limit, 3u);
  EXPECT_EQ(s.config, (std::map<std::string, std::string>{{"x-queue-mode", "lazy"}}));
  EXPECT_GT(declare.topic_settings.message_bytes_max, options_.message_bytes_max);
  reply(model::QueueDeclared{.ready = 4, .consumers = 2});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=q message-count=4 consumer-count=2"}));
}

TEST_F(Declaring, WrongArgumentsAreRefused) {
  const std::vector<QueueDeclare> wrong = {
      with({{"x-message-ttl", text("1")}}),
      with({{"x-message-ttl", model::Value(int32_t{-1})}}),
      with({{"x-expires", model::Value(int32_t{0})}}),
      with({{"x-max-priority", model::Value(int32_t{256})}}),
      with({{"x-overflow", text("explode")}}),
      with({{"x-dead-letter-routing-key", text("k")}}),
      with({{"x-queue-type", text("other")}}),
      with({{"x-queue-type", text("stream")}, {"x-message-ttl", model::Value(int32_t{5})}}),
      with({{"x-queue-type", text("stream")}, {"x-dead-letter-exchange", text("dlx")}}),
      with({{"x-single-active-consumer", text("yes")}}),
  };
  for (const QueueDeclare& method : wrong) {
    SCOPED_TRACE(method.arguments.front().first);
    send(1, method);
    EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=406"));
    EXPECT_TRUE(host_.submitted.empty());
    send(1, ChannelCloseOk{});
    open_channel();
  }
}

TEST_F(Declaring, AServerNamedQueueIsTheChannelsLast) {
  send(1, QueueDeclare{.exclusive = true});
  auto declare = take<model::DeclareQueue>();
  EXPECT_TRUE(declare.name.text.starts_with("amq.gen-"));
  EXPECT_TRUE(declare.settings.exclusive && declare.topic_settings.is_volatile);
  add_queue(declare.name.text);
  reply(model::QueueDeclared{});
  host_.sent();
  send(1, BasicConsume{.consumer_tag = "c"});
  EXPECT_EQ(take<model::Attach>().ledger.queue, host_.names.queue({.text = declare.name.text})->id);
}

TEST_F(Declaring, ARedeclarationWithOtherSettingsIs406) {
  send(1, with({}));
  take<model::DeclareQueue>();
  reply(fail(ErrorCode::kMismatch, "durable is true"));
  EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=406 reply-text=PRECONDITION_FAILED - queue 'q'"));
}

TEST_F(Declaring, PassiveOfNothingIs404) {
  send(1, QueueDeclare{.queue = "none", .passive = true});
  EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=404 reply-text=NOT_FOUND - no queue 'none'"));
}

TEST_F(Declaring, DirectReplyToIsThere) {
  send(1, QueueDeclare{.queue = "amq.rabbitmq.reply-to", .passive = true});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=amq.rabbitmq.reply-to message-count=0 consumer-count=1"}));
  send(1, QueueDeclare{.queue = "amq.rabbitmq.reply-to"});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=amq.rabbitmq.reply-to message-count=0 consumer-count=1"}));
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(Declaring, AStreamIsATopicWithTimeRetention) {
  send(1, with({{"x-queue-type", text("stream")}, {"x-max-age", text("7D")}}));
  auto create = take<model::CreateTopic>();
  EXPECT_EQ(create.settings.retention, model::Retention::kTime);
  EXPECT_EQ(create.settings.retention_ms, 7LL * 86'400'000);
  reply(model::TopicCreated{});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=q message-count=0 consumer-count=0"}));
}

TEST_F(Declaring, AStreamIsNoClassicQueueAndCannotBePurged) {
  host_.names.add_topic("s").settings.config["x-queue-type"] = "stream";
  send(1, QueueDeclare{.queue = "s"});
  EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=406 reply-text=PRECONDITION_FAILED - queue 's'"));
  send(1, ChannelCloseOk{});
  open_channel();
  send(1, QueuePurge{.queue = "s"});
  EXPECT_TRUE(sent().at(0).starts_with("0 connection.close reply-code=540 reply-text=NOT_IMPLEMENTED - queue 's'"));
}

TEST_F(Declaring, AStreamIsDeclaredAgainWithTheSameArguments) {
  host_.names.add_topic("q").settings.config = {{"x-queue-type", "stream"}, {"x-max-age", "1h"}};
  send(1, with({{"x-queue-type", text("stream")}, {"x-max-age", text("1h")}}));
  take<model::CreateTopic>();
  reply(model::TopicCreated{});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=q message-count=0 consumer-count=0"}));
  send(1, with({{"x-queue-type", text("stream")}, {"x-max-age", text("2h")}}));
  EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=406"));
}

TEST_F(Declaring, ArgumentsNobodyKnowsMakeNoDifference) {
  host_.names.add_queue("q", host_.names.add_topic("q").id).settings.config = {{"x-made-up", "1"},
                                                                               {"x-queue-type", "quorum"}};
  send(1, with({{"x-other", text("2")}}));
  EXPECT_EQ(take<model::DeclareQueue>().settings.config, (std::map<std::string, std::string>{{"x-made-up", "1"}}));
}

TEST_F(Declaring, ANewQueueOverATopicSaysWhatItFindsThere) {
  host_.names.add_topic("q");
  send(1, with({}));
  take<model::DeclareQueue>();
  reply(model::QueueDeclared{.created = true});
  EXPECT_EQ(sent(), Lines{});
  EXPECT_TRUE(take<model::DeclareQueue>().passive);
  reply(model::QueueDeclared{.ready = 7});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=q message-count=7 consumer-count=0"}));
}

TEST_F(Declaring, ASourceTopicMakesASubscription) {
  send(1, with({{"x-source-topic", text("flights")}}));
  auto declare = take<model::DeclareQueue>();
  EXPECT_EQ(declare.topic, "flights");
  EXPECT_EQ(declare.start, model::Start::kEnd);
}

TEST_F(Declaring, MethodsWaitForTheOneBefore) {
  ByteVec two = frame(1, with({}));
  ByteVec next = frame(1, QueueDelete{.queue = "q"});
  two.insert(two.end(), next.begin(), next.end());
  receive(two);
  take<model::DeclareQueue>();
  EXPECT_TRUE(connection_.paused());
  EXPECT_TRUE(host_.submitted.empty());
  add_queue("q");
  reply(model::QueueDeclared{});
  take<model::DeleteQueue>();
  reply(model::QueueDeleted{3});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=q message-count=0 consumer-count=0",
                           "1 queue.delete-ok message-count=3"}));
}

TEST_F(Declaring, DeletingNothingSucceeds) {
  send(1, QueueDelete{.queue = "none"});
  EXPECT_EQ(sent(), (Lines{"1 queue.delete-ok message-count=0"}));
  send(1, ExchangeDelete{.exchange = "none"});
  take<model::DeleteExchange>();
  reply(fail(ErrorCode::kNotFound, ""));
  EXPECT_EQ(sent(), (Lines{"1 exchange.delete-ok"}));
}

TEST_F(Declaring, PurgeAddsUpThePartitions) {
  add_queue("wide", 2);
  send(1, QueuePurge{.queue = "wide"});
  take<model::Purge>();
  reply(model::Purged{2});
  take<model::Purge>();
  reply(model::Purged{3});
  EXPECT_EQ(sent(), (Lines{"1 queue.purge-ok message-count=5"}));
}

TEST_F(Declaring, ExchangesAndBindings) {
  send(1, ExchangeDeclare{.exchange = "ex", .type = "topic", .durable = true});
  EXPECT_EQ(take<model::DeclareExchange>().exchange.type, "topic");
  reply(model::ExchangeDeclared{});
  send(1, QueueBind{.queue = "q", .exchange = "ex", .routing_key = "a.*"});
  auto bind = take<model::Bind>();
  EXPECT_EQ(bind.binding.source.text, "ex");
  EXPECT_EQ(bind.binding.target, "q");
  EXPECT_EQ(bind.binding.routing_key, "a.*");
  reply(model::BindingChanged{});
  send(1, ExchangeBind{.destination = "to", .source = "ex", .routing_key = "k"});
  EXPECT_EQ(take<model::Bind>().binding.target_kind, model::BindingTarget::kExchange);
  reply(model::BindingChanged{});
  send(1, ExchangeUnbind{.destination = "to", .source = "ex", .routing_key = "k"});
  take<model::Unbind>();
  reply(model::BindingChanged{});
  send(1, QueueUnbind{.queue = "q", .exchange = "ex", .routing_key = "a.*"});
  take<model::Unbind>();
  reply(model::BindingChanged{});
  EXPECT_EQ(sent(), (Lines{"1 exchange.declare-ok", "1 queue.bind-ok", "1 exchange.bind-ok", "1 exchange.unbind-ok",
                           "1 queue.unbind-ok"}));
}

TEST_F(Declaring, AnUnknownExchangeTypeClosesTheConnection) {
  send(1, ExchangeDeclare{.exchange = "ex", .type = "magic"});
  take<model::DeclareExchange>();
  reply(fail(ErrorCode::kUnsupported, ""));
  EXPECT_TRUE(sent().at(0).starts_with("0 connection.close reply-code=503"));
}

TEST_F(Declaring, AnExclusiveQueueOfAnotherConnectionIsLocked) {
  LedgerId ledger = add_queue("theirs");
  auto& info = const_cast<model::QueueInfo&>(*host_.names.queue(ledger.queue));
  info.settings.exclusive = true;
  info.exclusive_session = 99;
  ByteVec attempts[] = {frame(1, BasicConsume{.queue = "theirs"}),
                        frame(1, BasicGet{.queue = "theirs"}),
                        frame(1, QueuePurge{.queue = "theirs"}),
                        frame(1, QueueDelete{.queue = "theirs"}),
                        frame(1, QueueBind{.queue = "theirs", .exchange = "amq.direct", .routing_key = "k"}),
                        frame(1, QueueUnbind{.queue = "theirs", .exchange = "amq.direct", .routing_key = "k"})};
  for (const ByteVec& attempt : attempts) {
    receive(attempt);
    Lines lines = sent();
    EXPECT_TRUE(!lines.empty() && lines[0].starts_with("1 channel.close reply-code=405")) << int{attempt[10]};
    EXPECT_TRUE(host_.submitted.empty());
    send(1, ChannelCloseOk{});
    open_channel();
  }
}

TEST_F(Declaring, WithoutNamesABindingAndItsEndMeanTheSame) {
  send(1, QueueDeclare{.queue = "q"});
  take<model::DeclareQueue>();
  reply(model::QueueDeclared{});
  send(1, QueueBind{.exchange = "amq.direct"});
  auto bound = take<model::Bind>();
  EXPECT_EQ(bound.binding.routing_key, "q");
  reply(model::BindingChanged{});
  send(1, QueueUnbind{.exchange = "amq.direct"});
  EXPECT_EQ(take<model::Unbind>().binding, bound.binding);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
