import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes a record to a topic and reads it back as a consumer group, with Apache Kafka's client. */
public final class Payments {
  static final String TOPIC = "payments";

  public static void main(String[] arguments) {
    produce("payment-1", "12.50 EUR");
    consume();
  }

  static void produce(String key, String value) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", Settings.kafka());
    properties.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    properties.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
      producer.send(new ProducerRecord<>(TOPIC, key, value)); // close() waits until the broker has it
    }
    System.out.println("produced: " + value);
  }

  static void consume() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", Settings.kafka());
    properties.put("group.id", "bookkeeping");
    properties.put("auto.offset.reset", "earliest"); // a new group starts at the topic's first record
    properties.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    properties.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties)) {
      consumer.subscribe(List.of(TOPIC));
      int count = 0;
      for (int turn = 0; turn < 100 && count == 0; turn++) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          System.out.println("consumed: " + record.key() + " " + record.value());
          count++;
        }
      }
      if (count == 0) throw new IllegalStateException("no record came");
      consumer.commitSync();
    }
  }
}
