import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for the message of SendGreeting, prints it and acknowledges it. */
public final class ReceiveGreeting {
  public static void main(String[] arguments) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri("amqp://guest:guest@" + Settings.amqp());
    CountDownLatch received = new CountDownLatch(1);
    try (Connection connection = factory.newConnection(); Channel channel = connection.createChannel()) {
      channel.queueDeclare(SendGreeting.QUEUE, false, false, false, null);
      channel.basicQos(1);
      channel.basicConsume(SendGreeting.QUEUE, false, (tag, delivery) -> {
        System.out.println("received: " + new String(delivery.getBody(), StandardCharsets.UTF_8));
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        received.countDown();
      }, tag -> { });
      if (!received.await(10, TimeUnit.SECONDS)) throw new IllegalStateException("no message came");
    }
  }
}
