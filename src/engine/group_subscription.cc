#include "engine/group_subscription.h"

#include <algorithm>

#include "base/codec.h"

namespace godwit::engine {

std::optional<std::vector<std::string_view>> subscribed_topics(ByteView metadata) {
  Reader in(metadata);
  int16_t version = in.be<int16_t>();
  int32_t count = in.be<int32_t>();
  constexpr size_t kNameBytesMin = 2;
  if (!in.ok() || version < 0 || count < 0 || static_cast<size_t>(count) > in.remaining() / kNameBytesMin)
    return std::nullopt;
  std::vector<std::string_view> topics;
  topics.reserve(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) {
    int16_t length = in.be<int16_t>();
    if (length < 0) return std::nullopt;
    topics.push_back(in.string(static_cast<size_t>(length)));
  }
  return in.ok() ? std::optional(std::move(topics)) : std::nullopt;
}

bool is_subscribed(const ConsumerGroup& group, std::string_view topic) {
  auto may_read = [&](const model::GroupProtocol& protocol) {
    auto topics = subscribed_topics(protocol.metadata);
    return !topics || std::ranges::find(*topics, topic) != topics->end();
  };
  return std::ranges::any_of(group.members, [&](const auto& member) {
    return group.protocol_type != "consumer" || std::ranges::any_of(member.second.info.protocols, may_read);
  });
}

}  // namespace godwit::engine
