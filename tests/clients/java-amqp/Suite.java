import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What users of RabbitMQ's Java client rely on. */
public final class Suite {
  private static final String ADDRESS = System.getenv("GODWIT_AMQP");

  private interface Use {
    void with(Channel channel) throws Exception;
  }

  private static ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(ADDRESS.substring(0, ADDRESS.lastIndexOf(':')));
    factory.setPort(Integer.parseInt(ADDRESS.substring(ADDRESS.lastIndexOf(':') + 1)));
    factory.setNetworkRecoveryInterval(200);
    return factory;
  }

  private static void onChannel(Use use) throws Exception {
    try (Connection connection = factory().newConnection(); Channel channel = connection.createChannel()) {
      use.with(channel);
    }
  }

  private static byte[] bytes(Object value) {
    return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  /** The reply code with which the broker refuses {@code use}, done on a channel of its own; 0 if it does not. */
  private static int code(Connection connection, Use use) throws Exception {
    Channel channel = connection.createChannel();
    BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();
    channel.addShutdownListener(cause -> codes.add(codeOf(cause)));
    try {
      use.with(channel);
    } catch (IOException | AlreadyClosedException refused) {
      // The listener has the code.
    }
    Integer code = codes.poll(3, TimeUnit.SECONDS);
    return code == null ? 0 : code;
  }

  private static int codeOf(ShutdownSignalException cause) {
    if (cause.getReason() instanceof AMQP.Channel.Close closed) return closed.getReplyCode();
    if (cause.getReason() instanceof AMQP.Connection.Close closed) return closed.getReplyCode();
    return -1;
  }

  static void properties() throws Exception {
    onChannel(channel -> {
      String queue = Checks.unique("java.properties");
      channel.queueDeclare(queue, true, false, false, null);
      Map<String, Object> headers = new HashMap<>();
      headers.put("text", "grüße");
      headers.put("yes", true);
      headers.put("int", 7);
      headers.put("long", 1L << 40);
      headers.put("short", (short) 3);
      headers.put("byte", (byte) -1);
      headers.put("float", 1.5f);
      headers.put("double", 2.25);
      headers.put("decimal", new java.math.BigDecimal("12.34"));
      headers.put("when", new Date(1750000000000L));
      headers.put("nothing", null);
      headers.put("list", List.of(1, "two"));
      headers.put("table", Map.of("inner", 1));
      BasicProperties sent = new BasicProperties.Builder().contentType("text/plain").contentEncoding("utf-8").headers(headers)
          .deliveryMode(2).priority(5).correlationId("c").replyTo("r").expiration("60000").messageId("m")
          .timestamp(new Date(1750000000000L)).type("t").userId("guest").appId("a").build();
      channel.confirmSelect();
      channel.basicPublish("", queue, sent, new byte[] {0, -1});
      channel.waitForConfirmsOrDie(5000);
      GetResponse got = channel.basicGet(queue, true);
      BasicProperties properties = got.getProps();
      Checks.equal("body is binary-safe", List.of(got.getBody()[0], got.getBody()[1]), List.of((byte) 0, (byte) -1));
      Checks.equal("properties", List.of(properties.getContentType(), properties.getContentEncoding(),
          properties.getDeliveryMode(), properties.getPriority(), properties.getCorrelationId(), properties.getReplyTo(),
          properties.getExpiration(), properties.getMessageId(), properties.getTimestamp(), properties.getType(),
          properties.getUserId(), properties.getAppId()),
          List.of("text/plain", "utf-8", 2, 5, "c", "r", "60000", "m", new Date(1750000000000L), "t", "guest", "a"));
      for (Map.Entry<String, Object> header : headers.entrySet()) {
        Object value = properties.getHeaders().get(header.getKey());
        Checks.equal("header " + header.getKey(), String.valueOf(value), String.valueOf(header.getValue()));
      }
      channel.queueDelete(queue);
    });
  }

  static void confirms() throws Exception {
    onChannel(channel -> {
      String queue = Checks.unique("java.confirms");
      channel.queueDeclare(queue, true, false, false, null);
      channel.confirmSelect();
      ConcurrentSkipListMap<Long, Boolean> pending = new ConcurrentSkipListMap<>();
      AtomicInteger nacks = new AtomicInteger();
      channel.addConfirmListener((tag, multiple) -> {
        if (multiple) pending.headMap(tag, true).clear(); else pending.remove(tag);
      }, (tag, multiple) -> nacks.incrementAndGet());
      for (int number = 0; number < 2000; number++) {
        pending.put(channel.getNextPublishSeqNo(), true);
        channel.basicPublish("", queue, MessageProperties.PERSISTENT_TEXT_PLAIN, bytes(number));
      }
      Checks.check("2,000 publishes are confirmed", Checks.eventually(pending::isEmpty, 15000), pending.size() + " pending");
      Checks.equal("none is nacked", nacks.get(), 0);
      Checks.equal("messageCount", channel.messageCount(queue), 2000L);
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      channel.addReturnListener(back -> events.add("return " + back.getReplyCode() + " " + text(back.getBody())));
      channel.addConfirmListener((tag, multiple) -> events.add("ack"), (tag, multiple) -> events.add("nack"));
      channel.basicPublish("", Checks.unique("java.nowhere"), true, null, bytes("lost"));
      Checks.equal("a mandatory return comes", events.poll(5, TimeUnit.SECONDS), "return 312 lost");
      Checks.equal("before its ack", events.poll(5, TimeUnit.SECONDS), "ack");
      Checks.equal("purge counts", channel.queuePurge(queue).getMessageCount(), 2000);
      String full = Checks.unique("java.full");
      channel.queueDeclare(full, true, false, false, Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
      channel.basicPublish("", full, null, bytes("fits"));
      Checks.equal("a publish that fits is acked", events.poll(5, TimeUnit.SECONDS), "ack");
      channel.basicPublish("", full, null, bytes("does not"));
      Checks.equal("a publish to a full queue is nacked", events.poll(5, TimeUnit.SECONDS), "nack");
      channel.queueDelete(full);
      channel.queueDelete(queue);
    });
  }

  static void settling() throws Exception {
    onChannel(channel -> {
      String queue = Checks.unique("java.settling");
      String dead = Checks.unique("java.dead");
      channel.queueDeclare(dead, true, false, false, null);
      channel.queueDeclare(queue, true, false, false,
          Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
      channel.confirmSelect();
      for (String body : List.of("a", "b", "c")) channel.basicPublish("", queue, null, bytes(body));
      channel.waitForConfirmsOrDie(5000);
      GetResponse first = channel.basicGet(queue, false);
      channel.basicReject(first.getEnvelope().getDeliveryTag(), true);
      GetResponse again = channel.basicGet(queue, false);
      Checks.equal("reject with requeue comes back first", text(again.getBody()), "a");
      Checks.check("and is redelivered", again.getEnvelope().isRedeliver(), again.getEnvelope());
      channel.basicNack(again.getEnvelope().getDeliveryTag(), false, false);
      Checks.eventually(() -> count(channel, dead) == 1, 5000);
      GetResponse letter = channel.basicGet(dead, true);
      List<?> deaths = (List<?>) letter.getProps().getHeaders().get("x-death");
      Map<?, ?> death = (Map<?, ?>) deaths.get(0);
      Checks.equal("the dead letter's reason", String.valueOf(death.get("reason")), "rejected");
      Checks.equal("the dead letter's queue", String.valueOf(death.get("queue")), queue);
      channel.basicGet(queue, false);
      channel.basicRecover(true);
      Checks.equal("recover requeues in order", text(channel.basicGet(queue, true).getBody()), "b");
      channel.queueDelete(queue);
      channel.queueDelete(dead);
    });
  }

  private static long count(Channel channel, String queue) {
    try {
      return channel.messageCount(queue);
    } catch (IOException error) {
      return -1;
    }
  }

  static void competingConsumers() throws Exception {
    onChannel(channel -> {
      String queue = Checks.unique("java.work");
      channel.queueDeclare(queue, true, false, false, null);
      Set<String> seen = ConcurrentHashMap.newKeySet();
      AtomicInteger[] counts = {new AtomicInteger(), new AtomicInteger()};
      List<Channel> workers = new ArrayList<>();
      for (AtomicInteger count : counts) {
        Channel worker = channel.getConnection().createChannel();
        worker.basicQos(10);
        worker.basicConsume(queue, false, (tag, delivery) -> {
          count.incrementAndGet();
          seen.add(text(delivery.getBody()));
          worker.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        }, tag -> { });
        workers.add(worker);
      }
      for (int number = 0; number < 1000; number++) channel.basicPublish("", queue, null, bytes(number));
      Checks.check("two consumers work off 1,000 messages", Checks.eventually(() -> seen.size() == 1000, 15000), seen.size());
      Checks.equal("each delivered once", counts[0].get() + counts[1].get(), 1000);
      Checks.check("both work", counts[0].get() > 0 && counts[1].get() > 0, counts[0] + " and " + counts[1]);
      Checks.equal("consumerCount", channel.consumerCount(queue), 2L);
      for (Channel worker : workers) worker.close();
      channel.queueDelete(queue);
    });
  }

  static void prefetch() throws Exception {
    onChannel(channel -> {
      String queue = channel.queueDeclare().getQueue();
      for (int number = 0; number < 10; number++) channel.basicPublish("", queue, null, bytes(number));
      BlockingQueue<Long> held = new LinkedBlockingQueue<>();
      channel.basicQos(4);
      channel.basicConsume(queue, false, (tag, delivery) -> held.add(delivery.getEnvelope().getDeliveryTag()), tag -> { });
      Checks.eventually(() -> held.size() >= 4, 3000);
      Thread.sleep(200);
      Checks.equal("prefetch 4 delivers four", held.size(), 4);
      channel.basicAck(2, true);
      Checks.eventually(() -> held.size() >= 6, 3000);
      Thread.sleep(200);
      Checks.equal("ack multiple lets two more in", held.size(), 6);
    });
  }

  static void routing() throws Exception {
    onChannel(channel -> {
      Map<String, String> patterns = Map.of("direct", "k", "fanout", "", "topic", "a.*.#", "headers", "");
      Map<String, String> hit = Map.of("direct", "k", "fanout", "any", "topic", "a.b.c.d", "headers", "");
      Map<String, String> miss = Map.of("direct", "other", "topic", "a", "headers", "");
      channel.confirmSelect();
      for (String kind : List.of("direct", "fanout", "topic", "headers")) {
        String exchange = Checks.unique("java." + kind);
        String queue = channel.queueDeclare().getQueue();
        channel.exchangeDeclare(exchange, kind);
        channel.queueBind(queue, exchange, patterns.get(kind), Map.of("x-match", "any", "colour", "red"));
        BasicProperties red = new BasicProperties.Builder().headers(Map.of("colour", "red")).build();
        channel.basicPublish(exchange, hit.get(kind), red, bytes("hit"));
        channel.waitForConfirmsOrDie(5000);
        Checks.equal(kind + ": what matches arrives", channel.messageCount(queue), 1L);
        if (miss.containsKey(kind)) {
          channel.basicPublish(exchange, miss.get(kind), null, bytes("miss"));
          channel.waitForConfirmsOrDie(5000);
          Checks.equal(kind + ": what does not, does not", channel.messageCount(queue), 1L);
        }
        channel.exchangeDelete(exchange);
      }
    });
  }

  static void errors() throws Exception {
    String queue = Checks.unique("java.errors");
    onChannel(channel -> {
      Connection connection = channel.getConnection();
      channel.queueDeclare(queue, true, false, false, null);
      Checks.equal("passive declare of a missing queue is 404",
          code(connection, c -> c.queueDeclarePassive(Checks.unique("none"))), 404);
      Checks.equal("redeclare otherwise is 406", code(connection, c -> c.queueDeclare(queue, false, false, false, null)), 406);
      Checks.equal("redeclare with a TTL is 406",
          code(connection, c -> c.queueDeclare(queue, true, false, false, Map.of("x-message-ttl", 1000))), 406);
      Checks.equal("unknown delivery tag is 406", code(connection, c -> c.basicAck(99, false)), 406);
      Checks.equal("publish to a missing exchange is 404",
          code(connection, c -> c.basicPublish(Checks.unique("none"), "k", null, bytes("x"))), 404);
      Checks.equal("a delete while in use is 406", code(connection, c -> {
        channel.basicConsume(queue, true, (tag, delivery) -> { }, tag -> { });
        c.queueDelete(queue, true, false);
      }), 406);
      Checks.check("the connection survives", connection.isOpen() && channel.isOpen(), connection);
      channel.queueDelete(queue);
      String mine = channel.queueDeclare().getQueue();
      try (Connection other = factory().newConnection()) {
        Checks.equal("exclusive elsewhere is 405", code(other, c -> c.basicGet(mine, true)), 405);
      }
      String doomed = Checks.unique("java.doomed");
      channel.queueDeclare(doomed, true, false, false, null);
      BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
      String tag = channel.basicConsume(doomed, true, (t, delivery) -> { }, cancelled::add);
      channel.queueDelete(doomed);
      Checks.equal("a deleted queue cancels its consumer", cancelled.poll(5, TimeUnit.SECONDS), tag);
      String temporary = Checks.unique("java.temporary");
      channel.queueDeclare(temporary, false, false, true, null);
      channel.basicCancel(channel.basicConsume(temporary, (t, delivery) -> { }, t -> { }));
      Checks.equal("auto-delete goes with its last consumer",
          code(connection, c -> c.queueDeclarePassive(temporary)), 404);
    });
    ConnectionFactory wrong = factory();
    wrong.setPassword("wrong");
    Checks.equal("a wrong password is refused", Checks.refusal(wrong::newConnection), "AuthenticationFailureException");
  }

  /** The client recovers by itself, with its channel, consumer and queue; what was confirmed is delivered. */
  static void restart() throws Exception {
    String queue = Checks.unique("java.restart");
    Set<Integer> confirmed = ConcurrentHashMap.newKeySet();
    Set<Integer> received = ConcurrentHashMap.newKeySet();
    ConnectionFactory consuming = factory();
    ConnectionFactory publishing = factory();
    publishing.setAutomaticRecoveryEnabled(false);
    try (Connection connection = consuming.newConnection()) {
      Channel channel = connection.createChannel();
      channel.queueDeclare(queue, true, false, false, null);
      channel.basicQos(50);
      channel.basicConsume(queue, false, (tag, delivery) -> {
        received.add(Integer.parseInt(text(delivery.getBody())));
        try {
          channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        } catch (AlreadyClosedException closed) {
          // It comes again.
        }
      }, tag -> { });
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger next = new AtomicInteger();
      Thread publisher = new Thread(() -> publish(publishing, queue, confirmed, next, stop));
      publisher.start();
      Checks.eventually(() -> confirmed.size() > 200, 10000);
      Checks.restartBroker();
      int before = confirmed.size();
      Checks.check("publishing goes on after the restart", Checks.eventually(() -> confirmed.size() > before + 200, 30000),
          confirmed.size());
      stop.set(true);
      publisher.join();
      Checks.check("the consumer recovers and gets everything confirmed",
          Checks.eventually(() -> received.containsAll(confirmed), 30000), confirmed.size() + " and " + received.size());
      channel.queueDelete(queue);
    }
  }

  private static void publish(ConnectionFactory factory, String queue, Set<Integer> confirmed, AtomicInteger next,
      AtomicBoolean stop) {
    while (!stop.get()) {
      try (Connection connection = factory.newConnection(); Channel channel = connection.createChannel()) {
        channel.confirmSelect();
        while (!stop.get()) {
          int number = next.incrementAndGet();
          channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, bytes(number));
          channel.waitForConfirmsOrDie(10000);
          confirmed.add(number);
        }
      } catch (Exception lost) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  public static void main(String[] arguments) {
    Checks.limit(150);
    Checks.section("properties", Suite::properties);
    Checks.section("confirms", Suite::confirms);
    Checks.section("settling", Suite::settling);
    Checks.section("competingConsumers", Suite::competingConsumers);
    Checks.section("prefetch", Suite::prefetch);
    Checks.section("routing", Suite::routing);
    Checks.section("errors", Suite::errors);
    Checks.section("restart", Suite::restart);
    Checks.finish();
  }
}
