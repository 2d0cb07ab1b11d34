#include "engine/consumers.h"

#include <algorithm>

#include "base/check.h"

namespace godwit::engine {

Consumer* Consumers::find(ConsumerKey key) const {
  for (const auto& consumer : all_)
    if (consumer->key == key) return consumer.get();
  return nullptr;
}

Consumer& Consumers::add(Consumer consumer) {
  CHECK(!find(consumer.key), "consumer {} of session {} twice", consumer.key.tag.value, consumer.key.session.value);
  active_ += consumer.active;
  return *all_.emplace_back(std::make_unique<Consumer>(std::move(consumer)));
}

Consumer& Consumers::find_or_add_holder(ConsumerKey key) {
  if (Consumer* consumer = find(key)) return *consumer;
  return add(Consumer{.key = key, .active = false});
}

void Consumers::remove(ConsumerKey key) {
  auto it = std::find_if(all_.begin(), all_.end(), [&](const auto& c) { return c->key == key; });
  if (it == all_.end()) return;
  CHECK((*it)->held.empty());
  active_ -= (*it)->active;
  all_.erase(it);
}

void Consumers::deactivate(Consumer& consumer) {
  active_ -= consumer.active;
  consumer.active = false;
}

bool Consumers::has_exclusive() const {
  return std::any_of(all_.begin(), all_.end(), [](const auto& c) { return c->active && c->exclusive; });
}

Consumer* Consumers::next(bool single, uint32_t& peers) {
  peers = 0;
  Consumer* best = nullptr;
  size_t best_index = 0;
  for (size_t i = 0; i < all_.size(); ++i) {
    size_t index = single ? i : (turn_ + i) % all_.size();
    Consumer& c = *all_[index];
    if (!c.active) continue;
    if (single) {
      peers = 1;
      return c.credit > 0 ? &c : nullptr;
    }
    if (c.credit == 0) continue;
    if (!best || c.priority > best->priority) {
      best = &c;
      best_index = index;
      peers = 1;
    } else if (c.priority == best->priority) {
      ++peers;
    }
  }
  if (best && peers > 1) turn_ = best_index + 1;
  return best;
}

}  // namespace godwit::engine
