#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/session.h"
#include "model/catalog_view.h"

/// A session's surroundings for tests: commands are collected, the test answers them, and what the session wrote is
/// bytes to look at.
namespace godwit::test {

class FakeCatalog : public model::CatalogView {
 public:
  model::TopicInfo& add_topic(const std::string& name, uint32_t partitions = 1, model::TopicSettings settings = {},
                              const std::string& space = "default") {
    model::TopicInfo& topic = topics_[model::Name{space, name}];
    topic.id = TopicId(next_++);
    topic.name = {space, name};
    topic.partitions = partitions;
    topic.settings = std::move(settings);
    ++version_;
    return topic;
  }
  const model::TopicInfo& grow(const std::string& name, uint32_t partitions, const std::string& space = "default") {
    model::TopicInfo& topic = topics_.at(model::Name{space, name});
    topic.partitions = partitions;
    ++version_;
    return topic;
  }
  model::QueueInfo& add_queue(const std::string& name, TopicId topic, bool own = true,
                              const std::string& space = "default") {
    model::QueueInfo& queue = queues_[model::Name{space, name}];
    queue.id = QueueId(next_++);
    queue.name = {space, name};
    queue.topic = topic;
    queue.own = own;
    ++version_;
    return queue;
  }
  void add_exchange(model::ExchangeInfo exchange) {
    exchanges_[exchange.name] = std::move(exchange);
    ++version_;
  }
  void add_binding(model::Binding binding) {
    bindings_.push_back(std::move(binding));
    ++version_;
  }
  void clear() { *this = FakeCatalog(); }

  const model::TopicInfo* topic(const model::Name& name) const override { return find(topics_, name); }
  const model::TopicInfo* topic(TopicId id) const override { return find_id(topics_, id); }
  const model::QueueInfo* queue(const model::Name& name) const override { return find(queues_, name); }
  const model::QueueInfo* queue(QueueId id) const override { return find_id(queues_, id); }
  const model::ExchangeInfo* exchange(const model::Name& name) const override { return find(exchanges_, name); }
  void for_each_space(const std::function<void(std::string_view)>& f) const override {
    std::set<std::string> spaces;
    for (const auto& [name, info] : topics_) spaces.insert(name.space);
    for (const auto& [name, info] : queues_) spaces.insert(name.space);
    for (const auto& [name, info] : exchanges_) spaces.insert(name.space);
    for (const std::string& space : spaces) f(space);
  }
  void for_each_topic(std::string_view space, const std::function<void(const model::TopicInfo&)>& f) const override {
    each(topics_, space, f);
  }
  void for_each_queue(std::string_view space, const std::function<void(const model::QueueInfo&)>& f) const override {
    each(queues_, space, f);
  }
  void for_each_exchange(std::string_view space,
                         const std::function<void(const model::ExchangeInfo&)>& f) const override {
    each(exchanges_, space, f);
  }
  void for_each_binding(std::string_view space, const std::function<void(const model::Binding&)>& f) const override {
    for (const model::Binding& binding : bindings_)
      if (binding.source.space == space) f(binding);
  }
  /// The default exchange names a queue, else a topic; of another one every binding whose key is equal matches.
  Result<void> route(const model::Name& name, const model::RoutingInput& input,
                     std::vector<TopicId>& topics) const override {
    std::string key(input.routing_key);
    if (name.text.empty()) {
      if (const auto* q = queue(model::Name{name.space, key}))
        topics.push_back(q->topic);
      else if (const auto* t = topic(model::Name{name.space, key}))
        topics.push_back(t->id);
      return {};
    }
    if (!exchange(name)) return fail(ErrorCode::kNotFound, "no exchange '" + name.text + "'");
    for (const model::Binding& b : bindings_)
      if (b.source == name && b.target_kind == model::BindingTarget::kQueue && b.routing_key == key)
        if (const auto* q = queue(model::Name{name.space, b.target})) topics.push_back(q->topic);
    return {};
  }
  uint64_t version() const override { return version_; }

 private:
  template <class Map>
  static auto find(const Map& map, const model::Name& name) -> decltype(&map.begin()->second) {
    auto it = map.find(name);
    return it == map.end() ? nullptr : &it->second;
  }
  template <class Map, class Id>
  static auto find_id(const Map& map, Id id) -> decltype(&map.begin()->second) {
    for (const auto& [name, info] : map)
      if (info.id == id) return &info;
    return nullptr;
  }
  template <class Map, class F>
  static void each(const Map& map, std::string_view space, const F& f) {
    for (const auto& [name, info] : map)
      if (name.space == space) f(info);
  }

  std::map<model::Name, model::TopicInfo> topics_;
  std::map<model::Name, model::QueueInfo> queues_;
  std::map<model::Name, model::ExchangeInfo> exchanges_;
  std::vector<model::Binding> bindings_;
  uint64_t next_ = 1;
  uint64_t version_ = 1;
};

class FakeHost final : public broker::SessionHost {
 public:
  void submit(broker::RequestId id, broker::Command command) override {
    submitted.emplace_back(id, std::move(command));
  }
  const model::CatalogView& catalog() const override { return names; }
  model::Now now() const override { return clock; }
  size_t unsent_bytes() const override { return unsent + written.size(); }
  size_t grant(size_t wanted, size_t least) const override { return std::min(wanted, std::max(memory_left, least)); }
  bool memory_exhausted() override { return memory_left == 0; }
  broker::Output& output() override { return written; }
  SessionId id() const override { return SessionId(7); }
  void set_principal(broker::Principal p) override { principal = std::move(p); }
  void close() override { closed = true; }
  void set_timer(int64_t boot_ms) override { timer_boot_ms = boot_ms; }

  /// The oldest command not taken yet, which must be a C; nothing when there is none or it is another.
  template <class C>
  std::optional<std::pair<broker::RequestId, C>> take() {
    if (submitted.empty() || !std::holds_alternative<C>(submitted.front().second)) return std::nullopt;
    auto [id, command] = std::move(submitted.front());
    submitted.pop_front();
    return std::pair(id, std::get<C>(std::move(command)));
  }
  /// Everything written since the last call, as the peer's socket would see it.
  ByteVec sent() {
    ByteVec bytes;
    for (const Slice& part : written.take()) bytes.insert(bytes.end(), part.view().begin(), part.view().end());
    return bytes;
  }

  std::deque<std::pair<broker::RequestId, broker::Command>> submitted;
  FakeCatalog names;
  model::Now clock{.wall_ms = 1'700'000'000'000, .boot_ms = 1'000'000};
  broker::Output written;
  broker::Principal principal;
  std::optional<int64_t> timer_boot_ms;
  size_t unsent = 0;  ///< beyond what lies in `written`
  size_t memory_left = SIZE_MAX;
  bool closed = false;
};

}  // namespace godwit::test
