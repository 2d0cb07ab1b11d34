import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.charset.StandardCharsets;

/** Sends one message to a queue through RabbitMQ's client. The queue and its message are transient. */
public final class SendGreeting {
  static final String QUEUE = "greetings";

  public static void main(String[] arguments) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri("amqp://guest:guest@" + Settings.amqp());
    try (Connection connection = factory.newConnection(); Channel channel = connection.createChannel()) {
      channel.queueDeclare(QUEUE, false, false, false, null);
      channel.basicPublish("", QUEUE, null, "Good morning".getBytes(StandardCharsets.UTF_8));
      System.out.println("sent: Good morning");
    }
  }
}
