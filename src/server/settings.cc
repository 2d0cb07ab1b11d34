#include "server/settings.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "model/settings.h"
#include "runtime/linux/tcp.h"

namespace godwit::server {
namespace {

constexpr uint64_t kPort = 65'535;
constexpr uint64_t kDayMs = 24ULL * 3600 * 1000;

bool is_vhost(const std::string& text) {
  auto [vhost, space] = read_vhost(text);
  return !vhost.empty() && space.find('=') == std::string::npos && model::valid_name(space);
}

const std::vector<Setting> kSettings{
    {.name = "bind",
     .member = &Config::bind,
     .doc = "Addresses to listen on, for every port. Nothing but loopback unless told otherwise.",
     .items = "IPv4 or IPv6 addresses",
     .is_item = runtime::is_address},

    {"amqp.port", &Config::amqp_port, "AMQP 0-9-1."},
    {.name = "amqp.vhosts",
     .member = &Config::amqp_vhosts,
     .doc = "The vhosts that clients may open. Each shows the namespace of its name, or of the name after `=`; `/` "
            "shows `default`.",
     .items = "vhosts, each alone or as vhost=namespace",
     .is_item = is_vhost},
    {"amqp.heartbeat_s", &Config::amqp_heartbeat_s, "Heartbeat interval offered to clients; 0 is none.", 0, 65'535},
    {"amqp.channel_max", &Config::amqp_channel_max, "Channels of one connection.", 1, 65'535},
    {"amqp.frame_max", &Config::amqp_frame_max, "Largest frame offered to clients.", 8192, 1_GiB},
    {"amqp.message_bytes_max", &Config::amqp_message_bytes_max, "Largest message body.", 1, 128_MiB},

    {"kafka.port", &Config::kafka_port, "Kafka."},
    {"kafka.advertised_host", &Config::kafka_advertised_host,
     "The name that clients are told to connect to. Empty: the first address of `bind`, or the machine's name where "
     "that stands for all addresses."},
    {"kafka.advertised_port", &Config::kafka_advertised_port, "Likewise the port; 0 is the one listened on.", 0, kPort},
    {"kafka.auto_create_topics", &Config::kafka_auto_create_topics,
     "Create a topic when a client asks for one that is not there."},
    {"kafka.default_partitions", &Config::kafka_default_partitions, "Partitions of a topic created without a number.",
     1, kPartitionsMax},
    {"kafka.message_bytes_max", &Config::kafka_message_bytes_max,
     "Largest record batch of a topic without `max.message.bytes` of its own.", 1024, 200'000'000},
    {"kafka.retention_ms", &Config::kafka_retention_ms, "How long topics created by Kafka clients keep messages.", 0,
     36'500 * kDayMs},

    {"http.port", &Config::http_port, "Admin API, metrics and health."},
    {"http.metrics_queues_max", &Config::http_metrics_queues_max,
     "Queues, and likewise consumer groups' topics, that `/metrics` shows one by one, the longest first; the rest is "
     "summed.",
     0, 10'000},

    {.name = "sqs.port", .member = &Config::sqs_port, .doc = "Amazon SQS; not there yet.", .reserved = true},
    {.name = "pubsub.port", .member = &Config::pubsub_port, .doc = "Google Pub/Sub; not there yet.", .reserved = true},
    {.name = "management.port",
     .member = &Config::management_port,
     .doc = "The RabbitMQ management API; not there yet.",
     .reserved = true},
    {.name = "servicebus.admin_port",
     .member = &Config::servicebus_admin_port,
     .doc = "Azure Service Bus administration; not there yet.",
     .reserved = true},

    {"server.guest_from_anywhere", &Config::server_guest_from_anywhere,
     "Let the user `guest`, whose password everybody knows, in from other machines. A Kafka client that does not sign "
     "in is `guest`, and so is whoever uses the admin API."},
    {"server.workers", &Config::server_workers, "Worker threads; 0 is one per core.", 0, 256},
    {"server.connections_max", &Config::server_connections_max,
     "Connections open at a time; more are closed when they arrive.", 1, 1'000'000},
    {"server.handshake_timeout_ms", &Config::server_handshake_timeout_ms,
     "A connection that has sent nothing, or has not signed in, for this long is closed.", 100, 600'000},
    {"server.stop_timeout_ms", &Config::server_stop_timeout_ms,
     "How long connections may take to end when the broker stops.", 0, 600'000},

    {"storage.directory", &Config::storage_directory, "The data directory; also `--data`.", 1},
    {.name = "storage.durability",
     .member = &Config::storage_durability,
     .doc = "When a message counts as stored: `fsync`, on stable storage; `os`, with the operating system, so that a "
            "power "
            "failure may lose what was acknowledged.",
     .choices = {"fsync", "os"}},
    {"storage.journal_bytes_max", &Config::storage_journal_bytes_max,
     "Size of the journal's file. An existing journal keeps the size it was made with. It bounds the largest message: "
     "a "
     "fifth of it is always taken, more may be refused as too large.",
     1_MiB, 1024_GiB},
    {"storage.segment_bytes_max", &Config::storage_segment_bytes_max, "A segment file is ended at this size.", 64_KiB,
     16_GiB},
    {"storage.disk_reserve_bytes", &Config::storage_disk_reserve_bytes,
     "Free disk space below which publishes are refused, so that consumers can go on.", 0, 1024_GiB},
    {"storage.lazy_flush_ms", &Config::storage_lazy_flush_ms,
     "How long records that nobody waits for, such as acknowledgements, may stay in memory.", 0, 60'000},

    {"memory.limit", &Config::memory_limit,
     "Memory for messages and buffers, over all workers; publishers are held back when it is used up. "
     "See [limits](limits.md).",
     16_MiB, 1024_GiB},

    {.name = "log.level",
     .member = &Config::log_level,
     .doc = "The least that is logged.",
     .choices = {"debug", "info", "warn", "error"}},
    {.name = "log.format",
     .member = &Config::log_format,
     .doc = "`text`: key=value; `json`: an object a line.",
     .choices = {"text", "json"}},
};

std::string as_it_is(std::string_view setting) { return std::string(setting); }

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row.back();
}

}  // namespace

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  auto it = std::ranges::find(kSettings, name, &Setting::name);
  return it == kSettings.end() ? nullptr : &*it;
}

Result<void> assign(Config& config, std::string_view name, std::string_view text) {
  if (const Setting* setting = find_setting(name)) return assign(config, *setting, text);
  return fail(ErrorCode::kInvalidArgument, fmt::format("there is no setting {}{}", name, suggestion(name, as_it_is)));
}

std::string environment_name(std::string_view setting) {
  std::string name = "GODWIT_";
  for (char c : setting) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string suggestion(std::string_view name, std::string (*spell)(std::string_view)) {
  constexpr size_t kTyposMax = 3;
  auto distance = [&](const Setting& s) { return edit_distance(name, spell(s.name)); };
  const Setting& nearest = *std::ranges::min_element(kSettings, {}, distance);
  if (distance(nearest) <= kTyposMax) return fmt::format("; did you mean {}?", spell(nearest.name));
  return "; `godwit settings` lists all";
}

}  // namespace godwit::server
