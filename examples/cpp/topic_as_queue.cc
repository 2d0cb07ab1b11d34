// Crosses protocols: librdkafka writes a record, and rabbitmq-c gets it as a message of the topic's queue.
#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <librdkafka/rdkafkacpp.h>

namespace {

constexpr amqp_channel_t kChannel = 1;

std::string address(const char* variable, const char* fallback) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : fallback;
}

bool produce(const std::string& topic, std::string value) {
  std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  std::string problem;
  conf->set("bootstrap.servers", address("GODWIT_KAFKA", "localhost:9092"), problem);
  std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(conf.get(), problem));
  producer->produce(topic, RdKafka::Topic::PARTITION_UA, RdKafka::Producer::RK_MSG_COPY, value.data(), value.size(),
                    nullptr, 0, 0, nullptr);
  return producer->flush(10000) == RdKafka::ERR_NO_ERROR;
}

bool receive(const char* name) {
  const std::string where = address("GODWIT_AMQP", "localhost:5672");
  const size_t colon = where.rfind(':');
  amqp_connection_state_t connection = amqp_new_connection();
  if (amqp_socket_open(amqp_tcp_socket_new(connection), where.substr(0, colon).c_str(),
                       std::stoi(where.substr(colon + 1))) != 0)
    return false;
  amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  amqp_channel_open(connection, kChannel);
  // The queue of a topic starts at the topic's first retained record.
  amqp_queue_declare(connection, kChannel, amqp_cstring_bytes(name), 0, 1, 0, 0, amqp_empty_table);
  amqp_basic_consume(connection, kChannel, amqp_cstring_bytes(name), amqp_empty_bytes, 0, /*no_ack=*/1, 0,
                     amqp_empty_table);
  if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) return false;
  amqp_envelope_t envelope;
  const timeval patience{10, 0};
  const bool came = amqp_consume_message(connection, &envelope, &patience, 0).reply_type == AMQP_RESPONSE_NORMAL;
  if (came) {
    std::cout << "received: "
              << std::string(static_cast<const char*>(envelope.message.body.bytes), envelope.message.body.len) << '\n';
    amqp_destroy_envelope(&envelope);
  }
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
  return came;
}

}  // namespace

int main() {
  if (!produce("tides", "high water at noon")) return 1;
  std::cout << "produced: high water at noon\n";
  return receive("tides") ? 0 : 1;
}
