#include "protocol/amqp091/queue_arguments.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr uint32_t kQuorumDeliveryLimit = 20;  // RabbitMQ 4's default of quorum queues
constexpr size_t kBatchHeadroomBytes = 64 * 1024;
constexpr int64_t kAny = std::numeric_limits<int64_t>::max();
constexpr std::string_view kRetentionSettled = "x-retention-settled-ms";

struct IntegerOf {
  std::optional<int64_t> operator()(bool) const { return std::nullopt; }
  template <std::integral T>
  std::optional<int64_t> operator()(T v) const {
    if (!std::in_range<int64_t>(v)) return std::nullopt;
    return static_cast<int64_t>(v);
  }
  template <class T>
    requires(!std::is_integral_v<T>)
  std::optional<int64_t> operator()(const T&) const {
    return std::nullopt;
  }
};

struct PlainText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(const std::string& v) const { return v; }
  std::string operator()(const model::Symbol& v) const { return v.text; }
  template <class T>
    requires std::is_arithmetic_v<T>
  std::string operator()(T v) const {
    return fmt::format("{}", v);
  }
  std::string operator()(const model::TimestampMs& v) const { return std::to_string(v.ms); }
  template <class T>
    requires(!std::is_arithmetic_v<T>)
  std::string operator()(const T&) const {
    return "(complex)";
  }
};

/// Reads one argument after another; the first that is wrong stays as the fault.
class ArgumentReader {
 public:
  ArgumentReader(const QueueDeclare& method, QueueWanted& wanted)
      : method_(method), wanted_(wanted), settings_(wanted.declare.settings) {}

  std::expected<void, Fault> read() {
    for (const auto& [name, value] : method_.arguments) {
      read_one(name, value);
      if (fault_) return std::unexpected(std::move(*fault_));
    }
    check_together();
    if (fault_) return std::unexpected(std::move(*fault_));
    return {};
  }

 private:
  void read_one(const std::string& name, const model::Value& value) {
    if (name == "x-message-ttl")
      settings_.message_ttl_ms = integer(name, value, 0);
    else if (name == "x-expires")
      settings_.expires_ms = integer(name, value, 1);
    else if (name == "x-max-length")
      settings_.length_max = static_cast<uint64_t>(integer(name, value, 0, kAny));
    else if (name == kMaxLengthBytes)
      settings_.bytes_max = static_cast<uint64_t>(integer(name, value, 0, kAny));
    else if (name == "x-max-priority")
      settings_.priorities = static_cast<uint8_t>(integer(name, value, 0, 255));
    else if (name == "x-delivery-limit")
      read_delivery_limit(integer(name, value, -1, std::numeric_limits<uint32_t>::max()));
    else if (name == "x-partitions")
      wanted_.declare.partitions = static_cast<uint32_t>(integer(name, value, 1, kPartitionsMax));
    else if (name == kRetentionSettled)
      read_settled_ms(name, value);
    else if (name == "x-single-active-consumer")
      settings_.single_active_consumer = boolean(name, value);
    else
      read_text(name, value);
  }

  /// Of the topic; with the queue's arguments as well, so that a declaration with another value is no match.
  void read_settled_ms(const std::string& name, const model::Value& value) {
    wanted_.declare.topic_settings.settled_ms = integer(name, value, 0);
    settings_.config[name] = plain_text(value);
  }
  void read_text(const std::string& name, const model::Value& value) {
    if (name == "x-dead-letter-exchange")
      dead_letter().exchange = text(name, value);
    else if (name == "x-dead-letter-routing-key")
      dead_letter().routing_key = text(name, value);
    else if (name == "x-overflow")
      read_overflow(text(name, value));
    else if (name == kQueueType)
      type_ = text(name, value);
    else if (name == "x-source-topic")
      wanted_.declare.topic = text(name, value);
    else if (name == "x-source-offset")
      read_source_offset(text(name, value));
    else
      settings_.config[name] = plain_text(value);
  }

  /// -1 is no limit, also of a quorum queue.
  void read_delivery_limit(int64_t limit) {
    settings_.delivery_limit.reset();
    if (limit >= 0) settings_.delivery_limit = static_cast<uint32_t>(limit);
    delivery_limit_given_ = true;
  }
  void read_overflow(const std::string& overflow) {
    if (overflow == "drop-head")
      settings_.overflow = model::Overflow::kDropHead;
    else if (overflow == "reject-publish")
      settings_.overflow = model::Overflow::kRejectPublish;
    else if (overflow == "reject-publish-dlx")
      settings_.overflow = model::Overflow::kRejectPublishDeadLetter;
    else
      refuse("x-overflow", fmt::format("'{}' is none of drop-head, reject-publish, reject-publish-dlx", overflow));
  }
  void read_source_offset(const std::string& offset) {
    if (offset != "first" && offset != "next") return refuse("x-source-offset", "must be first or next");
    wanted_.declare.start = offset == "first" ? model::Start::kFirstRetained : model::Start::kEnd;
    source_offset_ = true;
  }

  void check_together() {
    if (settings_.dead_letter && !dead_letter_exchange_given())
      return refuse("x-dead-letter-routing-key", "needs x-dead-letter-exchange");
    if (wanted_.declare.topic && wanted_.declare.topic_settings.settled_ms > 0)
      return refuse(kRetentionSettled, "is of the queue's own topic, and this is a subscription");
    if (wanted_.declare.topic && !source_offset_) wanted_.declare.start = model::Start::kEnd;
    if (type_.empty() || type_ == "classic") return;
    if (type_ != "quorum" && type_ != "stream") return refuse(kQueueType, fmt::format("unknown type '{}'", type_));
    if (!method_.durable || method_.exclusive || method_.auto_delete)
      return refuse(kQueueType, fmt::format("a {} queue must be durable and neither exclusive nor auto-delete", type_));
    settings_.config[std::string(kQueueType)] = type_;
    if (type_ == "quorum" && !delivery_limit_given_) settings_.delivery_limit = kQuorumDeliveryLimit;
    if (type_ == "stream") make_stream();
  }

  /// What a stream has nothing of is refused rather than ignored.
  void refuse_of_stream() {
    static constexpr std::string_view kOfQueues[] = {"x-message-ttl",
                                                     "x-expires",
                                                     "x-max-length",
                                                     "x-max-priority",
                                                     "x-delivery-limit",
                                                     "x-overflow",
                                                     "x-dead-letter-exchange",
                                                     "x-dead-letter-routing-key",
                                                     "x-single-active-consumer",
                                                     kRetentionSettled};
    for (const auto& [name, value] : method_.arguments)
      if (std::ranges::find(kOfQueues, name) != std::end(kOfQueues)) return refuse(name, "a stream has none");
  }

  void make_stream() {
    refuse_of_stream();
    wanted_.stream = true;
    model::TopicSettings& topic = wanted_.topic.settings;
    topic = wanted_.declare.topic_settings;
    topic.retention = model::Retention::kTime;
    topic.retention_ms = -1;
    topic.config = settings_.config;
    if (settings_.bytes_max) {
      topic.retention_bytes = static_cast<int64_t>(*settings_.bytes_max);
      topic.config[std::string(kMaxLengthBytes)] = std::to_string(*settings_.bytes_max);
    }
    if (auto age = settings_.config.find(std::string(kMaxAge)); age != settings_.config.end()) {
      std::optional<int64_t> ms = max_age_ms(age->second);
      if (!ms) return refuse(kMaxAge, fmt::format("'{}' is no number with a unit of Y, M, D, h, m, s", age->second));
      topic.retention_ms = *ms;
    }
    wanted_.topic.name = wanted_.declare.name;
    wanted_.topic.partitions = wanted_.declare.partitions;
    wanted_.topic.if_absent = true;
  }

  static std::optional<int64_t> max_age_ms(std::string_view text) {
    uint32_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end + 1 != text.data() + text.size()) return std::nullopt;
    constexpr std::pair<char, int64_t> kUnits[] = {
        {'Y', 365LL * 86'400}, {'M', 30LL * 86'400}, {'D', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}};
    for (auto [unit, seconds] : kUnits)
      if (unit == *end) return std::min<int64_t>(number, 1'000'000) * seconds * 1'000;
    return std::nullopt;
  }

  bool dead_letter_exchange_given() const {
    for (const auto& [name, value] : method_.arguments)
      if (name == "x-dead-letter-exchange") return true;
    return false;
  }
  model::DeadLetter& dead_letter() {
    if (!settings_.dead_letter) settings_.dead_letter.emplace();
    return *settings_.dead_letter;
  }
  int64_t integer(const std::string& name, const model::Value& value, int64_t least, int64_t most = kDurationMsMax) {
    std::optional<int64_t> number = integer_of(value);
    if (number && *number >= least && *number <= most) return *number;
    refuse(name, number ? fmt::format("{} is out of range", *number) : "must be an integer");
    return least;
  }
  bool boolean(const std::string& name, const model::Value& value) {
    if (const bool* b = std::get_if<bool>(&value.v)) return *b;
    refuse(name, "must be a boolean");
    return false;
  }
  std::string text(const std::string& name, const model::Value& value) {
    if (const auto* s = std::get_if<std::string>(&value.v)) return *s;
    refuse(name, "must be a string");
    return {};
  }
  void refuse(std::string_view name, std::string_view why) {
    fault_ = Fault{Scope::kChannel, ReplyCode::kPreconditionFailed,
                   fmt::format("invalid arg '{}' for queue '{}': {}", name, wanted_.declare.name.text, why)};
  }

  const QueueDeclare& method_;
  QueueWanted& wanted_;
  model::QueueSettings& settings_;
  std::string type_;
  bool source_offset_ = false;
  bool delivery_limit_given_ = false;
  std::optional<Fault> fault_;
};

}  // namespace

std::optional<int64_t> integer_of(const model::Value& value) { return std::visit(IntegerOf{}, value.v); }
std::string plain_text(const model::Value& value) { return std::visit(PlainText{}, value.v); }

void keep_unknown_arguments(const std::map<std::string, std::string>& existing,
                            std::map<std::string, std::string>& wanted) {
  auto known = [](const auto& argument) { return argument.first == kQueueType || argument.first == kRetentionSettled; };
  std::erase_if(wanted, std::not_fn(known));
  std::ranges::copy_if(existing, std::inserter(wanted, wanted.end()), std::not_fn(known));
}

std::expected<QueueWanted, Fault> read_queue(const QueueDeclare& method, const model::Name& name,
                                             uint64_t message_bytes_max) {
  QueueWanted wanted;
  wanted.declare.name = name;
  wanted.declare.passive = method.passive;
  wanted.declare.settings.durable = method.durable;
  wanted.declare.settings.exclusive = method.exclusive;
  wanted.declare.settings.auto_delete = method.auto_delete;
  wanted.declare.topic_settings.message_bytes_max = message_bytes_max + kBatchHeadroomBytes;
  wanted.declare.topic_settings.is_volatile = !method.durable || method.exclusive;
  if (auto read = ArgumentReader(method, wanted).read(); !read) return std::unexpected(std::move(read.error()));
  return wanted;
}

}  // namespace godwit::protocol::amqp091
