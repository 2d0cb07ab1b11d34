#include "engine/catalog_rules.h"

#include <concepts>

#include <fmt/format.h>

#include "base/limits.h"

namespace godwit::engine {
namespace {

/// Ids are reserved this many at a time: one record a block, and a boot skips at most one block.
constexpr uint64_t kIdBlock = 1024;

std::string show(bool v) { return v ? "true" : "false"; }
std::string show(const std::string& v) { return fmt::format("'{}'", v); }
template <std::integral T>
std::string show(T v) {
  return std::to_string(v);
}
template <class T>
  requires std::is_enum_v<T>
std::string show(T v) {
  return std::to_string(static_cast<int>(v));
}
std::string show(const model::DeadLetter& v) {
  return v.routing_key ? fmt::format("'{}' with key '{}'", v.exchange, *v.routing_key) : show(v.exchange);
}
template <class T>
std::string show(const std::optional<T>& v) {
  return v ? show(*v) : "none";
}

/// Keeps the first difference it is shown.
class Comparison {
 public:
  template <class T>
  Comparison& operator()(std::string_view name, const T& have, const T& want) {
    if (!found_ && have != want) found_ = fmt::format("'{}' is {}, not {}", name, show(have), show(want));
    return *this;
  }
  void config(const std::map<std::string, std::string>& have, const std::map<std::string, std::string>& want) {
    for (const auto& [key, value] : want) {
      auto at = have.find(key);
      (*this)(key, at == have.end() ? std::nullopt : std::optional(at->second), std::optional(value));
    }
    for (const auto& [key, value] : have)
      if (!want.contains(key)) (*this)(key, std::optional(value), std::optional<std::string>());
  }
  std::optional<std::string> found() const { return found_; }

 private:
  std::optional<std::string> found_;
};

}  // namespace

Result<void> check_name(const model::Name& name, std::string_view what) {
  if (model::valid_name(name.text) && model::valid_name(name.space)) return {};
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("the {}'s name is empty, over {} bytes, not UTF-8, or has control characters", what, kNameBytesMax));
}

Result<void> check_partitions(uint32_t partitions) {
  if (partitions >= 1 && partitions <= kPartitionsMax) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} partitions: 1 to {} are possible", partitions, kPartitionsMax));
}

Result<void> check_access(const QueueEntry& queue, const CatalogContext& context) {
  if (!queue.info->settings.exclusive || queue.info->exclusive_session == context.session.value) return {};
  return fail(ErrorCode::kExclusive, fmt::format("queue '{}' belongs to another connection", queue.info->name.text));
}

bool needs_one_partition(const model::QueueSettings& settings) {
  return settings.priorities > 0 || settings.single_active_consumer;
}

bool is_reserved(std::string_view name) { return name.starts_with("amq."); }

bool is_volatile(const model::QueueSettings& settings) { return !settings.durable || settings.exclusive; }

std::optional<std::string> difference(const model::QueueSettings& have, const model::QueueSettings& want) {
  Comparison compare;
  compare("durable", have.durable, want.durable)("auto_delete", have.auto_delete, want.auto_delete);
  compare("ordering", have.ordering, want.ordering)("message_ttl_ms", have.message_ttl_ms, want.message_ttl_ms);
  compare("expires_ms", have.expires_ms, want.expires_ms)("length_max", have.length_max, want.length_max);
  compare("bytes_max", have.bytes_max, want.bytes_max)("overflow", have.overflow, want.overflow);
  compare("dead_letter", have.dead_letter, want.dead_letter);
  compare("delivery_limit", have.delivery_limit, want.delivery_limit)("priorities", have.priorities, want.priorities);
  compare("single_active_consumer", have.single_active_consumer, want.single_active_consumer);
  compare("lease_ms", have.lease_ms, want.lease_ms)("dedup_window_ms", have.dedup_window_ms, want.dedup_window_ms);
  compare.config(have.config, want.config);
  return compare.found();
}

std::optional<std::string> difference(const model::ExchangeInfo& have, const model::ExchangeInfo& want) {
  Comparison compare;
  compare("type", have.type, want.type)("durable", have.durable, want.durable);
  compare("auto_delete", have.auto_delete, want.auto_delete)("internal", have.internal, want.internal);
  compare("alternate", have.alternate, want.alternate);
  return compare.found();
}

uint64_t take_ids(const Catalog& catalog, uint64_t count, CatalogRecords& records) {
  uint64_t first = catalog.next_id();
  if (first + count > catalog.ids_reserved()) records.push_back(IdsReserved{first, first + count + kIdBlock});
  return first;
}

}  // namespace godwit::engine
