import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What users of Apache Kafka's Java client rely on. */
public final class Suite {
  private static final String SERVERS = System.getenv("GODWIT_KAFKA");
  private static final String STRINGS = "org.apache.kafka.common.serialization.String";

  private static Properties with(String... pairs) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", SERVERS);
    for (int at = 0; at < pairs.length; at += 2) properties.put(pairs[at], pairs[at + 1]);
    return properties;
  }

  private static Admin admin() {
    return Admin.create(with());
  }

  private static KafkaProducer<String, String> producer(String... pairs) {
    Properties properties = with("key.serializer", STRINGS + "Serializer", "value.serializer", STRINGS + "Serializer");
    properties.putAll(with(pairs));
    return new KafkaProducer<>(properties);
  }

  private static KafkaConsumer<String, String> consumer(String... pairs) {
    Properties properties = with("key.deserializer", STRINGS + "Deserializer", "value.deserializer",
        STRINGS + "Deserializer", "auto.offset.reset", "earliest", "enable.auto.commit", "false",
        "session.timeout.ms", "10000", "heartbeat.interval.ms", "500", "group.protocol", "classic");
    properties.putAll(with(pairs));
    return new KafkaConsumer<>(properties);
  }

  private static String topic(Admin admin, String name, int partitions, Map<String, String> configs) throws Exception {
    String topic = Checks.unique("java." + name);
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
    return topic;
  }

  /** Polls until {@code count} records came or 15 s have passed. */
  private static List<ConsumerRecord<String, String>> take(KafkaConsumer<String, String> consumer, int count) {
    List<ConsumerRecord<String, String>> got = new ArrayList<>();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (got.size() < count && System.nanoTime() < deadline) {
      consumer.poll(Duration.ofMillis(100)).forEach(got::add);
    }
    return got;
  }

  private static List<ConsumerRecord<String, String>> read(String topic, int partitions, int count) {
    try (KafkaConsumer<String, String> consumer = consumer()) {
      List<TopicPartition> all = new ArrayList<>();
      for (int number = 0; number < partitions; number++) all.add(new TopicPartition(topic, number));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      return take(consumer, count);
    }
  }

  static void produceAndConsume() throws Exception {
    try (Admin admin = admin(); KafkaProducer<String, String> producer = producer()) {
      String topic = topic(admin, "records", 3, Map.of());
      ProducerRecord<String, String> record = new ProducerRecord<>(topic, 1, 1750000000123L, "ключ", "value", List.of(
          new RecordHeader("text", "grüße".getBytes(StandardCharsets.UTF_8)), new RecordHeader("null", null),
          new RecordHeader("twice", new byte[] {1}), new RecordHeader("twice", new byte[] {2})));
      RecordMetadata metadata = producer.send(record).get();
      Checks.equal("first offset", metadata.offset(), 0L);
      Checks.equal("chosen partition", metadata.partition(), 1);
      Checks.equal("CreateTime is kept", metadata.timestamp(), 1750000000123L);
      ConsumerRecord<String, String> got = read(topic, 3, 1).get(0);
      Checks.equal("key and value", got.key() + got.value(), "ключvalue");
      Checks.equal("timestamp", got.timestamp(), 1750000000123L);
      List<String> headers = new ArrayList<>();
      for (Header header : got.headers()) headers.add(header.key() + "=" + (header.value() == null ? null : header.value().length));
      Checks.equal("headers, duplicates and order", headers, List.of("text=7", "null=null", "twice=1", "twice=1"));
      producer.send(new ProducerRecord<>(topic, 0, null, null)).get();
      ConsumerRecord<String, String> empty = read(topic, 1, 1).get(0);
      Checks.check("null key and value", empty.key() == null && empty.value() == null, empty);
      for (int number = 0; number < 1000; number++) producer.send(new ProducerRecord<>(topic, "k" + number % 10, "v" + number));
      producer.flush();
      Map<String, Set<Integer>> homes = new TreeMap<>();
      Map<Integer, Long> last = new TreeMap<>();
      boolean ordered = true;
      List<ConsumerRecord<String, String>> all = read(topic, 3, 1002);
      for (ConsumerRecord<String, String> one : all) {
        ordered &= one.offset() == last.getOrDefault(one.partition(), -1L) + 1;
        last.put(one.partition(), one.offset());
        if (one.key() != null) homes.computeIfAbsent(one.key(), key -> new HashSet<>()).add(one.partition());
      }
      Checks.equal("1,002 records", all.size(), 1002);
      Checks.check("offsets have no gap", ordered, last);
      Checks.check("a key stays on its partition", homes.values().stream().allMatch(home -> home.size() == 1), homes);
    }
  }

  static void codecs() throws Exception {
    try (Admin admin = admin()) {
      for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
        String topic = topic(admin, "codec-" + codec, 1, Map.of());
        try (KafkaProducer<String, String> producer = producer("compression.type", codec, "linger.ms", "20")) {
          for (int number = 0; number < 300; number++) producer.send(new ProducerRecord<>(topic, "k", "same text " + number));
        }
        List<ConsumerRecord<String, String>> got = read(topic, 1, 300);
        Checks.check("codec " + codec, got.size() == 300 && got.get(299).value().equals("same text 299"), got.size());
      }
    }
  }

  static void acks() throws Exception {
    try (Admin admin = admin()) {
      for (String acks : List.of("0", "1", "all")) {
        String topic = topic(admin, "acks-" + acks, 1, Map.of());
        try (KafkaProducer<String, String> producer = producer("acks", acks, "enable.idempotence", "false")) {
          for (int number = 0; number < 50; number++) producer.send(new ProducerRecord<>(topic, "v" + number));
        }
        Checks.equal("acks=" + acks, read(topic, 1, 50).size(), 50);
      }
      String topic = topic(admin, "idempotent", 1, Map.of());
      try (KafkaProducer<String, String> producer = producer("enable.idempotence", "true", "linger.ms", "0")) {
        for (int number = 0; number < 500; number++) producer.send(new ProducerRecord<>(topic, "v" + number));
      }
      List<ConsumerRecord<String, String>> got = read(topic, 1, 500);
      Checks.check("idempotent producer keeps order", got.size() == 500 && got.get(499).offset() == 499
          && got.get(499).value().equals("v499"), got.size());
    }
  }

  static void groups() throws Exception {
    try (Admin admin = admin(); KafkaProducer<String, String> producer = producer()) {
      String topic = topic(admin, "group", 4, Map.of());
      String group = Checks.unique("java.group");
      for (int number = 0; number < 400; number++) producer.send(new ProducerRecord<>(topic, number % 4, null, "v" + number));
      producer.flush();
      Set<String> seen = ConcurrentHashMap.newKeySet();
      KafkaConsumer<String, String> first = consumer("group.id", group, "client.id", "first");
      KafkaConsumer<String, String> second = consumer("group.id", group, "client.id", "second");
      first.subscribe(List.of(topic));
      Checks.check("one member gets every partition", pollUntil(List.of(first), seen, () -> first.assignment().size() == 4),
          first.assignment());
      second.subscribe(List.of(topic));
      Checks.check("two members share the partitions", pollUntil(List.of(first, second), seen,
          () -> first.assignment().size() == 2 && second.assignment().size() == 2), first.assignment());
      Checks.check("together they read everything", pollUntil(List.of(first, second), seen, () -> seen.size() == 400), seen.size());
      Checks.equal("describe shows both members", admin.describeConsumerGroups(List.of(group)).all().get().get(group)
          .members().size(), 2);
      second.commitSync();
      second.close();
      Checks.check("a member that leaves hands over", pollUntil(List.of(first), seen, () -> first.assignment().size() == 4),
          first.assignment());
      first.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(42, "note")));
      Map<TopicPartition, OffsetAndMetadata> committed = first.committed(Set.of(new TopicPartition(topic, 0)));
      Checks.equal("committed offset and metadata", committed.get(new TopicPartition(topic, 0)),
          new OffsetAndMetadata(42, "note"));
      first.close();
      try (KafkaConsumer<String, String> next = consumer("group.id", group)) {
        next.subscribe(List.of(topic));
        List<ConsumerRecord<String, String>> got = take(next, 58);
        long fromZero = got.stream().filter(one -> one.partition() == 0).count();
        Checks.equal("a new member resumes at the commit", fromZero, 58L);
        Checks.check("at that offset", got.stream().filter(one -> one.partition() == 0).findFirst().get().offset() == 42, got);
      }
      Checks.check("listGroups names it", admin.listGroups().all().get().stream()
          .anyMatch(listing -> listing.groupId().equals(group)), "absent");
      Checks.check("groups can be deleted", Checks.eventually(() -> deleted(admin, group), 15000), group);
    }
  }

  private static boolean deleted(Admin admin, String group) {
    try {
      admin.deleteConsumerGroups(List.of(group)).all().get();
      return true;
    } catch (ExecutionException | InterruptedException notEmptyYet) {
      return false;
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static boolean pollUntil(Collection<KafkaConsumer<String, String>> members, Set<String> seen, Condition condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) return false;
      for (KafkaConsumer<String, String> member : members) {
        member.poll(Duration.ofMillis(50)).forEach(record -> seen.add(record.value()));
        member.commitAsync();
      }
    }
    return true;
  }

  static void positions() throws Exception {
    try (Admin admin = admin(); KafkaProducer<String, String> producer = producer()) {
      String topic = topic(admin, "positions", 1, Map.of());
      long base = System.currentTimeMillis() - 100_000;
      for (int number = 0; number < 100; number++) {
        producer.send(new ProducerRecord<>(topic, 0, base + number * 1000L, null, "v" + number)).get();
      }
      TopicPartition partition = new TopicPartition(topic, 0);
      try (KafkaConsumer<String, String> consumer = consumer()) {
        consumer.assign(List.of(partition));
        Checks.equal("beginning", consumer.beginningOffsets(List.of(partition)).get(partition), 0L);
        Checks.equal("end", consumer.endOffsets(List.of(partition)).get(partition), 100L);
        Checks.equal("by exact time", consumer.offsetsForTimes(Map.of(partition, base + 40_000)).get(partition).offset(), 40L);
        Checks.equal("by a time between", consumer.offsetsForTimes(Map.of(partition, base + 40_001)).get(partition).offset(), 41L);
        Checks.equal("by a time after the end", consumer.offsetsForTimes(Map.of(partition, base + 200_000)).get(partition), null);
        consumer.seek(partition, 77);
        Checks.equal("seek", take(consumer, 1).get(0).offset(), 77L);
        consumer.seek(partition, 5000);
        Checks.equal("out of range resets to earliest", take(consumer, 1).get(0).offset(), 0L);
      }
      try (KafkaConsumer<String, String> strict = consumer("auto.offset.reset", "none")) {
        strict.assign(List.of(partition));
        strict.seek(partition, 5000);
        Checks.equal("out of range without a reset", Checks.refusal(() -> {
          for (int turn = 0; turn < 50; turn++) strict.poll(Duration.ofMillis(100));
          return null;
        }), "OffsetOutOfRangeException");
      }
    }
  }

  static void administration() throws Exception {
    try (Admin admin = admin()) {
      String topic = topic(admin, "admin", 2, Map.of("retention.ms", "123456", "cleanup.policy", "compact"));
      TopicDescription description = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      Checks.equal("partitions", description.partitions().size(), 2);
      Checks.check("a topic has an id", !description.topicId().toString().equals("AAAAAAAAAAAAAAAAAAAAAA"), description.topicId());
      Checks.equal("the id finds the topic", admin.describeTopics(TopicCollection.ofTopicIds(List.of(description.topicId())))
          .allTopicIds().get().get(description.topicId()).name(), topic);
      Checks.check("listTopics names it", admin.listTopics().names().get().contains(topic), topic);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      Checks.equal("config that was set", config.get("retention.ms").value(), "123456");
      Checks.check("it is no default", !config.get("retention.ms").isDefault(), config.get("retention.ms"));
      Checks.equal("config that was not", config.get("max.message.bytes").value(), "1048588");
      Checks.equal("cleanup.policy", config.get("cleanup.policy").value(), "compact");
      admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "777"),
          AlterConfigOp.OpType.SET)))).all().get();
      Checks.check("alterConfigs takes effect", Checks.eventually(() -> "777".equals(value(admin, resource, "retention.ms")), 5000),
          value(admin, resource, "retention.ms"));
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
      Checks.check("createPartitions", Checks.eventually(() -> partitions(admin, topic) == 5, 5000), partitions(admin, topic));
      Checks.equal("one node", admin.describeCluster().nodes().get().size(), 1);
      Checks.equal("fewer partitions are refused", Checks.refusal(() -> admin.createPartitions(Map.of(topic,
          NewPartitions.increaseTo(2))).all().get()), "InvalidPartitionsException");
      Checks.equal("an existing topic is refused", Checks.refusal(() -> admin.createTopics(List.of(new NewTopic(topic, 1,
          (short) 1))).all().get()), "TopicExistsException");
      Checks.equal("an invalid name is refused", Checks.refusal(() -> admin.createTopics(List.of(new NewTopic("no/slash", 1,
          (short) 1))).all().get()), "InvalidTopicException");
      Checks.equal("replication 3 on one node is refused", Checks.refusal(() -> admin.createTopics(List.of(new NewTopic(
          Checks.unique("java.three"), 1, (short) 3))).all().get()), "InvalidReplicationFactorException");
      Checks.equal("an unknown config is refused", Checks.refusal(() -> admin.createTopics(List.of(new NewTopic(
          Checks.unique("java.bad"), 1, (short) 1).configs(Map.of("no.such", "1")))).all().get()), "InvalidConfigurationException");
      admin.deleteTopics(List.of(topic)).all().get();
      Checks.check("a deleted topic is gone", Checks.eventually(() -> Checks.refusal(() -> admin.describeTopics(
          List.of(topic)).allTopicNames().get()).equals("UnknownTopicOrPartitionException"), 5000), topic);
      Checks.equal("deleting it again is refused", Checks.refusal(() -> admin.deleteTopics(List.of(topic)).all().get()),
          "UnknownTopicOrPartitionException");
    }
  }

  private static String value(Admin admin, ConfigResource resource, String key) {
    try {
      return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(key).value();
    } catch (ExecutionException | InterruptedException error) {
      return error.toString();
    }
  }

  private static int partitions(Admin admin, String topic) {
    try {
      return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
    } catch (ExecutionException | InterruptedException error) {
      return -1;
    }
  }

  static void refusals() throws Exception {
    try (Admin admin = admin(); KafkaProducer<String, String> producer = producer("max.request.size", "5000000",
        "max.block.ms", "3000")) {
      String topic = topic(admin, "small", 1, Map.of("max.message.bytes", "1000"));
      Checks.equal("a batch over max.message.bytes", Checks.refusal(() -> producer.send(new ProducerRecord<>(topic,
          "x".repeat(5000))).get()), "RecordTooLargeException");
      Checks.equal("the topic goes on", producer.send(new ProducerRecord<>(topic, "fits")).get().offset(), 0L);
      Checks.equal("an invalid topic name", Checks.refusal(() -> producer.send(new ProducerRecord<>("no/slash", "x")).get()),
          "InvalidTopicException");
      String made = Checks.unique("java.auto");
      Checks.equal("a producer's topic is made on first use", producer.send(new ProducerRecord<>(made, "x")).get().offset(), 0L);
      try (KafkaConsumer<String, String> consumer = consumer("allow.auto.create.topics", "false")) {
        Checks.equal("a consumer may ask without making", consumer.partitionsFor(Checks.unique("java.none")), List.of());
      }
    }
  }

  static void restart() throws Exception {
    try (Admin admin = admin()) {
      String topic = topic(admin, "restart", 2, Map.of());
      Set<Integer> acked = ConcurrentHashMap.newKeySet();
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger failures = new AtomicInteger();
      Thread sending = new Thread(() -> send(topic, acked, failures, stop));
      sending.start();
      Checks.eventually(() -> acked.size() > 500, 10000);
      KafkaConsumer<String, String> member = consumer("group.id", Checks.unique("java.restart"));
      member.subscribe(List.of(topic));
      Set<String> seen = ConcurrentHashMap.newKeySet();
      pollUntil(List.of(member), seen, () -> seen.size() > 100);
      Checks.restartBroker();
      int before = acked.size();
      Checks.check("producing goes on after the restart", Checks.eventually(() -> acked.size() > before + 500, 30000), acked.size());
      stop.set(true);
      sending.join();
      Checks.equal("an idempotent producer loses nothing", failures.get(), 0);
      Checks.check("the group's member gets all", pollUntil(List.of(member), seen, () -> seen.size() == acked.size()),
          seen.size() + " of " + acked.size());
      member.close();
      List<ConsumerRecord<String, String>> all = read(topic, 2, acked.size());
      Checks.equal("nothing acked is lost or doubled", all.size(), acked.size());
    }
  }

  private static void send(String topic, Set<Integer> acked, AtomicInteger failures, AtomicBoolean stop) {
    try (KafkaProducer<String, String> producer = producer("linger.ms", "1", "delivery.timeout.ms", "60000")) {
      for (int number = 0; !stop.get(); number++) {
        int mine = number;
        producer.send(new ProducerRecord<>(topic, "k" + number % 7, "v" + number), (metadata, error) -> {
          if (error == null) acked.add(mine); else failures.incrementAndGet();
        });
        if (number % 20 == 0) Thread.sleep(5);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  public static void main(String[] arguments) {
    Checks.limit(200);
    Checks.section("produceAndConsume", Suite::produceAndConsume);
    Checks.section("codecs", Suite::codecs);
    Checks.section("acks", Suite::acks);
    Checks.section("groups", Suite::groups);
    Checks.section("positions", Suite::positions);
    Checks.section("administration", Suite::administration);
    Checks.section("refusals", Suite::refusals);
    Checks.section("restart", Suite::restart);
    Checks.finish();
  }
}
