#include "server/protocols.h"

#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "admin/http_session.h"
#include "protocol/amqp091/connection.h"
#include "protocol/kafka/session.h"
#include "runtime/linux/random.h"
#include "server/settings.h"
#include "server/version.h"

namespace godwit::server {
namespace {

namespace amqp = protocol::amqp091;
namespace kafka = protocol::kafka;

/// The only user until there are others, from this machine only, as RabbitMQ has it, unless told otherwise.
Result<broker::Principal> authenticate(bool guest_allowed, std::string_view user, std::string_view password) {
  if (user != "guest" || password != "guest") return fail(ErrorCode::kAccessDenied, "wrong user or password");
  if (!guest_allowed) return fail(ErrorCode::kAccessDenied, "user 'guest' may only connect from the broker's machine");
  return broker::Principal{.user = "guest", .admin = true};
}

std::map<std::string, std::string, std::less<>> vhosts(const std::vector<std::string>& settings) {
  std::map<std::string, std::string, std::less<>> map;
  for (const std::string& text : settings) {
    auto [vhost, space] = read_vhost(text);
    map[vhost] = space;
  }
  return map;
}

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// What Kafka clients are told to connect to.
std::string advertised_host(const Config& config) {
  if (!config.kafka_advertised_host.empty()) return config.kafka_advertised_host;
  const std::string& first = config.bind.front();
  return first == "0.0.0.0" || first == "::" ? machine_name() : first;
}

std::shared_ptr<const kafka::Settings> kafka_settings(const Config& config, uint16_t port, int32_t leader_epoch) {
  auto settings = std::make_shared<kafka::Settings>();
  settings->leader_epoch = leader_epoch;
  settings->advertised_host = advertised_host(config);
  settings->advertised_port =
      static_cast<int32_t>(config.kafka_advertised_port > 0 ? config.kafka_advertised_port : port);
  settings->auto_create_topics = config.kafka_auto_create_topics;
  settings->default_partitions = static_cast<int32_t>(config.kafka_default_partitions);
  settings->message_bytes_max = config.kafka_message_bytes_max.bytes;
  settings->retention_ms = static_cast<int64_t>(config.kafka_retention_ms);
  return settings;
}

std::shared_ptr<const amqp::Options> amqp_options(const Config& config) {
  auto options = std::make_shared<amqp::Options>();
  options->vhosts = vhosts(config.amqp_vhosts);
  options->channel_max = static_cast<uint16_t>(config.amqp_channel_max);
  options->frame_max = static_cast<uint32_t>(config.amqp_frame_max.bytes);
  options->heartbeat_s = static_cast<uint16_t>(config.amqp_heartbeat_s);
  options->message_bytes_max = config.amqp_message_bytes_max.bytes;
  options->handshake_ms = static_cast<int64_t>(config.server_handshake_timeout_ms);
  options->seed = runtime::random_u64();
  return options;
}

auto make_amqp(std::shared_ptr<const amqp::Options> options, bool from_anywhere) {
  return [options, from_anywhere](broker::SessionHost& host,
                                  const runtime::Endpoint& peer) -> std::unique_ptr<broker::Session> {
    bool guest_allowed = from_anywhere || peer.loopback;
    return std::make_unique<amqp::Connection>(host, *options,
                                              [guest_allowed](std::string_view user, std::string_view password) {
                                                return authenticate(guest_allowed, user, password);
                                              });
  };
}

auto make_kafka(std::shared_ptr<const kafka::Settings> settings, bool from_anywhere) {
  return [settings, from_anywhere](broker::SessionHost& host,
                                   const runtime::Endpoint& peer) -> std::unique_ptr<broker::Session> {
    return std::make_unique<kafka::Session>(host, settings, peer.address, from_anywhere || peer.loopback);
  };
}

auto make_http(NodeViews& views, bool from_anywhere) {
  return [&views, from_anywhere](broker::SessionHost& host,
                                 const runtime::Endpoint& peer) -> std::unique_ptr<broker::Session> {
    admin::HttpSession::Peer who{.local = peer.loopback, .guest_allowed = from_anywhere || peer.loopback};
    return std::make_unique<admin::HttpSession>(host, views.view(), who);
  };
}

}  // namespace

std::vector<Protocol> open_protocols(const Config& config) {
  std::vector<Protocol> protocols;
  for (auto [name, port] : {std::pair("amqp", config.amqp_port), std::pair("kafka", config.kafka_port),
                            std::pair("http", config.http_port)})
    if (port.number) protocols.push_back({.name = name, .port = port, .make_session = {}});
  return protocols;
}

std::vector<std::string> configured_spaces(const Config& config) {
  std::vector<std::string> spaces{"default"};
  for (const auto& [vhost, space] : vhosts(config.amqp_vhosts)) spaces.push_back(space);
  return spaces;
}

void equip(std::vector<Protocol>& protocols, const std::vector<uint16_t>& ports, const Config& config,
           int32_t leader_epoch, NodeViews& views) {
  for (size_t i = 0; i < protocols.size(); ++i) {
    Protocol& protocol = protocols[i];
    if (protocol.name == "amqp")
      protocol.make_session = make_amqp(amqp_options(config), config.server_guest_from_anywhere);
    if (protocol.name == "kafka")
      protocol.make_session =
          make_kafka(kafka_settings(config, ports[i], leader_epoch), config.server_guest_from_anywhere);
    if (protocol.name == "http") protocol.make_session = make_http(views, config.server_guest_from_anywhere);
  }
}

}  // namespace godwit::server
