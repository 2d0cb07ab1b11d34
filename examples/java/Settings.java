/** Where the broker listens: GODWIT_AMQP and GODWIT_KAFKA, or the default ports on this machine. */
final class Settings {
  private Settings() {}

  static String amqp() {
    return System.getenv().getOrDefault("GODWIT_AMQP", "localhost:5672");
  }

  static String kafka() {
    return System.getenv().getOrDefault("GODWIT_KAFKA", "localhost:9092");
  }
}
