#include "engine/consumers.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"

namespace godwit::engine {

namespace {

bool by_rank(const Consumer* a, const Consumer* b) {
  return a->priority != b->priority ? a->priority > b->priority : a->arrival < b->arrival;
}

bool is_ready(const Consumer& consumer) { return consumer.active && consumer.credit > 0; }

}  // namespace

Consumer* Consumers::find(ConsumerKey key) const {
  auto it = std::ranges::lower_bound(by_key_, key, {}, &Consumer::key);
  return it == by_key_.end() || (*it)->key != key ? nullptr : *it;
}

Consumer& Consumers::add(Consumer consumer) {
  CHECK(!find(consumer.key), "consumer {} of session {} twice", consumer.key.tag.value, consumer.key.session.value);
  active_ += consumer.active;
  consumer.arrival = arrivals_++;
  Consumer& added = *all_.emplace_back(std::make_unique<Consumer>(std::move(consumer)));
  sharing_ += added.shared_credit;
  by_key_.insert(std::ranges::lower_bound(by_key_, added.key, {}, &Consumer::key), &added);
  if (is_ready(added)) ready_.insert(std::ranges::upper_bound(ready_, &added, by_rank), &added);
  return added;
}

Consumer& Consumers::find_or_add_holder(ConsumerKey key) {
  if (Consumer* consumer = find(key)) return *consumer;
  return add(Consumer{.key = key, .active = false});
}

void Consumers::remove(ConsumerKey key) {
  Consumer* gone = find(key);
  if (!gone) return;
  CHECK(gone->held.empty());
  deactivate(*gone);
  sharing_ -= gone->shared_credit;
  by_key_.erase(std::ranges::lower_bound(by_key_, key, {}, &Consumer::key));
  all_.erase(std::ranges::lower_bound(all_, gone->arrival, {}, [](const auto& c) { return c->arrival; }));
}

void Consumers::deactivate(Consumer& consumer) {
  active_ -= consumer.active;
  change(consumer, [&] { consumer.active = false; });
}

void Consumers::share_credit(Consumer& consumer) {
  if (!std::exchange(consumer.shared_credit, true)) ++sharing_;
}

void Consumers::set_credit(Consumer& consumer, uint32_t credit) {
  change(consumer, [&] { consumer.credit = credit; });
}

void Consumers::grant(Consumer& consumer, uint32_t credit) {
  set_credit(consumer, consumer.credit + std::min(credit, std::numeric_limits<uint32_t>::max() - consumer.credit));
}

/// `f` may make it ready, or end that.
template <class F>
void Consumers::change(Consumer& consumer, F&& f) {
  bool before = is_ready(consumer);
  f();
  if (is_ready(consumer) == before) return;
  auto place = std::ranges::lower_bound(ready_, &consumer, by_rank);
  before ? void(ready_.erase(place)) : void(ready_.insert(place, &consumer));
}

uint64_t Consumers::credit(bool single) const {
  if (single) {
    auto first = std::ranges::find_if(all_, [](const auto& c) { return c->active; });
    return first == all_.end() ? 0 : (*first)->credit;
  }
  uint64_t credit = 0;
  for (const Consumer* consumer : ready_) credit += consumer->credit;
  return credit;
}

bool Consumers::has_exclusive() const {
  return std::any_of(all_.begin(), all_.end(), [](const auto& c) { return c->active && c->exclusive; });
}

Consumer* Consumers::next(bool single, uint32_t& peers) {
  peers = 0;
  if (single) {
    auto first = std::ranges::find_if(all_, [](const auto& c) { return c->active; });
    if (first == all_.end()) return nullptr;
    peers = 1;
    return (*first)->credit > 0 ? first->get() : nullptr;
  }
  if (ready_.empty()) return nullptr;
  const int32_t rank = ready_.front()->priority;
  auto end = std::ranges::partition_point(ready_, [&](const Consumer* c) { return c->priority == rank; });
  peers = static_cast<uint32_t>(end - ready_.begin());
  auto best = std::partition_point(ready_.begin(), end, [&](const Consumer* c) { return c->arrival < turn_; });
  if (best == end) best = ready_.begin();
  if (peers > 1) turn_ = (*best)->arrival + 1;
  return *best;
}

}  // namespace godwit::engine
