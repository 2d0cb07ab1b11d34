#include "protocol/kafka/names.h"

#include <algorithm>

namespace godwit::protocol::kafka {
namespace {

constexpr size_t kTopicNameBytesMax = 249;
constexpr uint64_t kUuidPrefix = 0x676f'6477'6974'2d74;  // "godwit-t"

bool valid_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

uint64_t load(const uint8_t* at) {
  uint64_t v = 0;
  for (int i = 0; i < 8; ++i) v = v << 8 | at[i];
  return v;
}

void store(uint8_t* at, uint64_t v) {
  for (int i = 7; i >= 0; --i, v >>= 8) at[i] = static_cast<uint8_t>(v);
}

}  // namespace

bool valid_topic_name(std::string_view name) {
  if (name.empty() || name.size() > kTopicNameBytesMax || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), valid_letter);
}

wire::Uuid uuid_of(TopicId id) {
  wire::Uuid uuid;
  store(uuid.bytes.data(), kUuidPrefix);
  store(uuid.bytes.data() + 8, id.value);
  return uuid;
}

std::optional<TopicId> topic_of(const wire::Uuid& uuid) {
  if (load(uuid.bytes.data()) != kUuidPrefix) return std::nullopt;
  return TopicId(load(uuid.bytes.data() + 8));
}

model::Name topic_name(std::string_view text) { return {.text = std::string(text)}; }

const model::TopicInfo* find_topic(const model::CatalogView& catalog, bool has_id, const wire::Uuid& id,
                                   std::string_view name) {
  if (!has_id) return valid_topic_name(name) ? catalog.topic(topic_name(name)) : nullptr;
  std::optional<TopicId> topic_id = topic_of(id);
  const model::TopicInfo* topic = topic_id ? catalog.topic(*topic_id) : nullptr;
  bool seen = topic && topic->name.space == model::Name{}.space && valid_topic_name(topic->name.text);
  return seen ? topic : nullptr;
}

std::optional<PartitionId> partition_of(const model::TopicInfo* topic, int32_t index) {
  if (!topic || index < 0 || static_cast<uint32_t>(index) >= topic->partitions) return std::nullopt;
  return PartitionId{topic->id, static_cast<uint32_t>(index)};
}

}  // namespace godwit::protocol::kafka
