#include <algorithm>
#include <limits>
#include <string>

#include "model/amqp091_content.h"
#include "model/amqp091_properties.h"
#include "model/amqp091_table.h"

namespace godwit::model {
namespace {

Value text(std::string_view s) { return Value(std::string(s)); }

Value death_table(const Death& death) {
  ValueMap table;
  constexpr uint64_t kCountMost = std::numeric_limits<int64_t>::max();
  table.emplace_back("count", Value(static_cast<int64_t>(std::min(death.count, kCountMost))));
  table.emplace_back("reason", text(death.reason));
  table.emplace_back("queue", text(death.queue));
  table.emplace_back("time", Value(TimestampMs{death.time_ms}));
  table.emplace_back("exchange", text(death.exchange));
  ValueList keys;
  for (const std::string& key : death.routing_keys) keys.push_back(text(key));
  table.emplace_back("routing-keys", Value(std::move(keys)));
  if (death.original_expiration) table.emplace_back("original-expiration", text(*death.original_expiration));
  return Value(std::move(table));
}

void add_end(ValueMap& headers, const std::string& prefix, const Death& death) {
  headers.emplace_back(prefix + "exchange", text(death.exchange));
  headers.emplace_back(prefix + "queue", text(death.queue));
  headers.emplace_back(prefix + "reason", text(death.reason));
}

/// The entries of `old` that `headers` does not replace, then `headers`.
ByteVec merged(ByteView old, const ValueMap& headers) {
  ByteVec entries;
  Amqp091TableWalk walk(old);
  Amqp091Entry entry;
  while (walk.next(entry)) {
    bool replaced = std::ranges::any_of(headers, [&](const auto& header) { return header.first == entry.name; });
    if (!replaced) entries.insert(entries.end(), entry.whole.begin(), entry.whole.end());
  }
  for (const auto& [name, value] : headers) encode_amqp091_entry(name, value, entries);
  return entries;
}

void write_with(const Amqp091Stored& stored, Amqp091Content& c, const ValueMap& headers, ByteVec& out) {
  join_amqp091_properties(stored.exchange, stored.routing_key, out);
  ByteVec entries;
  if (!headers.empty()) {
    entries = merged(c.headers, headers);
    c.headers = entries;
    c.set(kHeaders);
  }
  write_amqp091_content(c, out);
}

}  // namespace

ValueMap amqp091_death_headers(const std::vector<Death>& deaths) {
  ValueMap headers;
  if (deaths.empty()) return headers;
  ValueList list;
  for (const Death& death : deaths) list.push_back(death_table(death));
  headers.emplace_back("x-death", Value(std::move(list)));
  add_end(headers, "x-first-death-", deaths.back());
  add_end(headers, "x-last-death-", deaths.front());
  return headers;
}

bool add_amqp091_headers(ByteView properties, const ValueMap& headers, ByteVec& out) {
  Amqp091Stored stored;
  Amqp091Content c;
  if (!split_amqp091_properties(properties, stored) || !parse_amqp091_content(stored.content, c)) return false;
  write_with(stored, c, headers, out);
  return true;
}

bool patch_amqp091_properties(ByteView properties, const Patch& patch, ByteVec& out) {
  Amqp091Stored stored;
  Amqp091Content c;
  if (!split_amqp091_properties(properties, stored) || !parse_amqp091_content(stored.content, c)) return false;
  if (patch.exchange) stored.exchange = *patch.exchange;
  if (patch.routing_key) stored.routing_key = *patch.routing_key;
  if (patch.drop_expiration) c.clear(kExpiration);
  write_with(stored, c, amqp091_death_headers(patch.deaths), out);
  return true;
}

}  // namespace godwit::model
