#include "protocol/kafka/subscription.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/codec.h"
#include "base/limits.h"

namespace godwit::protocol::kafka {

std::optional<std::vector<std::string>> subscribed_topics(ByteView metadata) {
  Reader in(metadata);
  int16_t version = in.be<int16_t>();
  int32_t count = in.be<int32_t>();
  constexpr size_t kNameBytesMin = 2;
  if (!in.ok() || version < 0 || count < 0 ||
      static_cast<size_t>(count) > std::min(in.remaining() / kNameBytesMin, kKafkaElementsMax))
    return std::nullopt;
  std::vector<std::string> topics;
  for (int32_t i = 0; i < count; ++i) {
    int16_t length = in.be<int16_t>();
    if (length < 0) return std::nullopt;
    topics.emplace_back(in.string(static_cast<size_t>(length)));
  }
  return in.ok() ? std::optional(std::move(topics)) : std::nullopt;
}

std::optional<std::vector<std::string>> subscription_of(const std::string& protocol_type,
                                                        const std::vector<model::GroupProtocol>& protocols) {
  if (protocol_type != "consumer") return std::nullopt;
  std::vector<std::string> all;
  for (const model::GroupProtocol& protocol : protocols) {
    auto topics = subscribed_topics(protocol.metadata);
    if (!topics) return std::nullopt;
    std::move(topics->begin(), topics->end(), std::back_inserter(all));
    std::ranges::sort(all);
    auto repeats = std::ranges::unique(all);
    all.erase(repeats.begin(), repeats.end());
    if (all.size() > kKafkaElementsMax) return std::nullopt;
  }
  return all;
}

}  // namespace godwit::protocol::kafka
