#include "protocol/amqp091/handshake.h"

#include <algorithm>

#include <fmt/format.h>

namespace godwit::protocol::amqp091 {
namespace {

constexpr std::string_view kMechanisms = "AMQPLAIN PLAIN";

constexpr std::string_view kCapabilities[] = {
    "publisher_confirms",     "exchange_exchange_bindings",   "basic.nack",
    "consumer_cancel_notify", "connection.blocked",           "consumer_priorities",
    "per_consumer_qos",       "authentication_failure_close", "direct_reply_to"};

model::Value text(std::string_view s) { return model::Value(std::string(s)); }

model::ValueMap server_properties(const Options& options) {
  model::ValueMap capabilities;
  for (std::string_view name : kCapabilities) capabilities.emplace_back(name, model::Value(true));
  model::ValueMap properties;
  properties.emplace_back("capabilities", model::Value(std::move(capabilities)));
  properties.emplace_back("product", text(options.product));
  properties.emplace_back("version", text(options.version));
  properties.emplace_back("cluster_name", text(options.cluster_name));
  properties.emplace_back("platform", text("Godwit"));
  properties.emplace_back("copyright", text("The Godwit authors"));
  properties.emplace_back("information", text("Licensed under the Apache License 2.0"));
  return properties;
}

struct Credentials {
  std::string user;
  std::string password;
};

/// PLAIN (RFC 4616): [authorization identity] NUL user NUL password.
std::optional<Credentials> read_plain(std::string_view response) {
  size_t first = response.find('\0');
  if (first == std::string_view::npos) return std::nullopt;
  size_t second = response.find('\0', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return Credentials{std::string(response.substr(first + 1, second - first - 1)),
                     std::string(response.substr(second + 1))};
}

/// AMQPLAIN: the entries of a table, without its length, with LOGIN and PASSWORD.
std::optional<Credentials> read_amqplain(std::string_view response) {
  model::Amqp091TableWalk walk(as_bytes(response));
  model::Amqp091Entry entry;
  Credentials found;
  while (walk.next(entry)) {
    if (entry.name == "LOGIN") found.user = entry.text();
    if (entry.name == "PASSWORD") found.password = entry.text();
  }
  if (walk.corrupt() || found.user.empty()) return std::nullopt;
  return found;
}

const model::Value* find(const model::ValueMap& map, std::string_view name) {
  for (const auto& [key, value] : map)
    if (key == name) return &value;
  return nullptr;
}

std::string_view text_of(const model::ValueMap& map, std::string_view name) {
  const model::Value* value = find(map, name);
  const auto* s = value ? std::get_if<std::string>(&value->v) : nullptr;
  return s ? std::string_view(*s) : std::string_view();
}

template <class M>
std::expected<M, Fault> decode(ByteView payload) {
  Reader in(payload);
  uint32_t key = in.be<uint32_t>();
  if (key != method_key(M::kId))
    return std::unexpected(Fault{Scope::kConnection, ReplyCode::kCommandInvalid,
                                 fmt::format("method {}.{} came where {} was due", key >> 16, key & 0xffff, M::kName)});
  M method;
  if (!decode_method(in.rest(), method))
    return std::unexpected(Fault{Scope::kConnection, ReplyCode::kSyntaxError, fmt::format("malformed {}", M::kName)});
  return method;
}

}  // namespace

void Handshake::start() {
  link_.send(0, ConnectionStart{.version_major = 0,
                                .version_minor = 9,
                                .server_properties = server_properties(link_.options),
                                .mechanisms = {kMechanisms},
                                .locales = {"en_US"}});
}

std::expected<bool, Fault> Handshake::on_method(ByteView payload) {
  auto handle = [&]<class M>(std::type_identity<M>) -> Outcome {
    auto method = decode<M>(payload);
    if (!method) return std::unexpected(std::move(method.error()));
    return on(*method);
  };
  Outcome done;
  bool last = step_ == Step::kOpen;
  switch (step_) {
    case Step::kStartOk: done = handle(std::type_identity<ConnectionStartOk>()); break;
    case Step::kTuneOk: done = handle(std::type_identity<ConnectionTuneOk>()); break;
    case Step::kOpen: done = handle(std::type_identity<ConnectionOpen>()); break;
  }
  if (!done) return std::unexpected(std::move(done.error()));
  if (!last) step_ = static_cast<Step>(static_cast<int>(step_) + 1);
  return last;
}

Outcome Handshake::on(const ConnectionStartOk& method) {
  read_client(method.client_properties);
  std::optional<Credentials> credentials;
  if (method.mechanism == "PLAIN")
    credentials = read_plain(method.response.text);
  else if (method.mechanism == "AMQPLAIN")
    credentials = read_amqplain(method.response.text);
  else
    return connection_fault(ReplyCode::kCommandInvalid,
                            fmt::format("unknown authentication mechanism '{}'", method.mechanism));
  if (!credentials)
    return connection_fault(ReplyCode::kSyntaxError, fmt::format("malformed {} response", method.mechanism));
  if (Outcome in = log_in(credentials->user, credentials->password); !in) return in;
  link_.send(0, ConnectionTune{link_.options.channel_max, link_.options.frame_max, link_.options.heartbeat_s});
  return {};
}

Outcome Handshake::log_in(std::string_view user, std::string_view password) {
  Result<broker::Principal> principal = authenticate_(user, password);
  if (!principal)
    return connection_fault(ReplyCode::kAccessRefused,
                            fmt::format("login of user '{}' was refused: {}", user, principal.error().message));
  link_.user = user;
  link_.host.set_principal(std::move(*principal));
  return {};
}

void Handshake::read_client(const model::ValueMap& properties) {
  client_ = fmt::format("{} {}", text_of(properties, "product"), text_of(properties, "version"));
  const model::Value* value = find(properties, "capabilities");
  const auto* capabilities = value ? std::get_if<model::ValueMap>(&value->v) : nullptr;
  if (!capabilities) return;
  auto has = [&](std::string_view name) {
    const model::Value* flag = find(*capabilities, name);
    const bool* set = flag ? std::get_if<bool>(&flag->v) : nullptr;
    return set && *set;
  };
  link_.client.consumer_cancel_notify = has("consumer_cancel_notify");
  link_.client.connection_blocked = has("connection.blocked");
  link_.client.authentication_failure_close = has("authentication_failure_close");
}

Outcome Handshake::on(const ConnectionTuneOk& method) {
  auto above = [](uint32_t wanted, uint32_t offered) { return wanted > offered; };
  if (above(method.frame_max, link_.options.frame_max) || above(method.channel_max, link_.options.channel_max))
    return connection_fault(ReplyCode::kNotAllowed, "the client tuned above what was offered");
  if (method.frame_max != 0 && method.frame_max < kFrameBytesMin)
    return connection_fault(ReplyCode::kNotAllowed,
                            fmt::format("frame_max {} is below the minimum of {}", method.frame_max, kFrameBytesMin));
  // 0 means no limit of the client's own, so ours holds.
  link_.frame_max = method.frame_max == 0 ? link_.options.frame_max : method.frame_max;
  channel_max_ = method.channel_max == 0 ? link_.options.channel_max : method.channel_max;
  heartbeat_s_ = method.heartbeat;
  return {};
}

Outcome Handshake::on(const ConnectionOpen& method) {
  if (method.vhost.empty()) return connection_fault(ReplyCode::kNotAllowed, "the vhost has no name");
  auto known = link_.options.vhosts.find(method.vhost);
  if (known == link_.options.vhosts.end())
    return connection_fault(ReplyCode::kNotAllowed, fmt::format("vhost '{}' not found", method.vhost));
  link_.vhost = method.vhost;
  link_.space = known->second;
  link_.send(0, ConnectionOpenOk{});
  return {};
}

}  // namespace godwit::protocol::amqp091
