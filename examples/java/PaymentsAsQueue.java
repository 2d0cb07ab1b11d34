import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.nio.charset.StandardCharsets;

/**
 * Crosses protocols: a record that Apache Kafka's client wrote is a message for RabbitMQ's client.
 *
 * <p>Declaring a queue with a topic's name attaches a queue to that topic, from its first retained record on. The
 * record's key arrives as the header x-partition-key.
 */
public final class PaymentsAsQueue {
  public static void main(String[] arguments) throws Exception {
    Payments.produce("payment-2", "99.00 EUR");
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri("amqp://guest:guest@" + Settings.amqp());
    try (Connection connection = factory.newConnection(); Channel channel = connection.createChannel()) {
      channel.queueDeclare(Payments.TOPIC, true, false, false, null);
      int count = 0;
      for (GetResponse got; (got = channel.basicGet(Payments.TOPIC, false)) != null; count++) {
        System.out.println("got: " + got.getProps().getHeaders().get("x-partition-key") + " "
            + new String(got.getBody(), StandardCharsets.UTF_8));
        channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
      }
      if (count == 0) throw new IllegalStateException("the topic's queue is empty");
    }
  }
}
