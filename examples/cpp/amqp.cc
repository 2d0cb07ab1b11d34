// Sends a message to a queue and receives it, with rabbitmq-c (Debian: librabbitmq-dev).
#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

constexpr amqp_channel_t kChannel = 1;

void require(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "failed: " << what << '\n';
  std::exit(1);
}

bool accepted(amqp_connection_state_t connection) {
  return amqp_get_rpc_reply(connection).reply_type == AMQP_RESPONSE_NORMAL;
}

std::string address() {
  const char* value = std::getenv("GODWIT_AMQP");
  return value != nullptr ? value : "localhost:5672";
}

}  // namespace

int main() {
  const std::string where = address();
  const size_t colon = where.rfind(':');
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t* socket = amqp_tcp_socket_new(connection);
  require(amqp_socket_open(socket, where.substr(0, colon).c_str(), std::stoi(where.substr(colon + 1))) == 0, "connect");
  const auto login = amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  require(login.reply_type == AMQP_RESPONSE_NORMAL, "log in");
  amqp_channel_open(connection, kChannel);
  require(accepted(connection), "open a channel");

  const amqp_bytes_t queue = amqp_cstring_bytes("postcards");
  amqp_queue_declare(connection, kChannel, queue, /*passive=*/0, /*durable=*/1, /*exclusive=*/0, /*auto_delete=*/0,
                     amqp_empty_table);
  require(accepted(connection), "declare the queue");
  amqp_confirm_select(connection, kChannel);
  require(accepted(connection), "ask for confirms");
  require(amqp_basic_publish(connection, kChannel, amqp_empty_bytes, queue, /*mandatory=*/0, /*immediate=*/0, nullptr,
                             amqp_cstring_bytes("Greetings from the coast")) == AMQP_STATUS_OK,
          "publish");
  amqp_frame_t confirm;
  require(amqp_simple_wait_frame(connection, &confirm) == AMQP_STATUS_OK &&
              confirm.payload.method.id == AMQP_BASIC_ACK_METHOD,
          "get the confirm");
  std::cout << "sent: Greetings from the coast\n";

  amqp_basic_consume(connection, kChannel, queue, amqp_empty_bytes, /*no_local=*/0, /*no_ack=*/0, /*exclusive=*/0,
                     amqp_empty_table);
  require(accepted(connection), "consume");
  amqp_envelope_t envelope;
  const timeval patience{10, 0};
  require(amqp_consume_message(connection, &envelope, &patience, 0).reply_type == AMQP_RESPONSE_NORMAL, "receive");
  std::cout << "received: "
            << std::string(static_cast<const char*>(envelope.message.body.bytes), envelope.message.body.len) << '\n';
  amqp_basic_ack(connection, kChannel, envelope.delivery_tag, /*multiple=*/0);
  amqp_destroy_envelope(&envelope);

  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
}
