#pragma once

#include <deque>
#include <string>
#include <utility>

#include "admin/node_view.h"
#include "broker/session.h"

namespace godwit::admin {

/// A catalog with nothing in it but what a test puts there.
class FakeCatalog final : public model::CatalogView {
 public:
  const model::TopicInfo* topic(const model::Name& name) const override {
    return has_topic && name == topic_.name ? &topic_ : nullptr;
  }
  const model::TopicInfo* topic(TopicId id) const override { return has_topic && id == topic_.id ? &topic_ : nullptr; }
  const model::QueueInfo* queue(const model::Name&) const override { return nullptr; }
  const model::QueueInfo* queue(QueueId) const override { return nullptr; }
  const model::ExchangeInfo* exchange(const model::Name&) const override { return nullptr; }
  void for_each_topic(std::string_view, const std::function<void(const model::TopicInfo&)>& f) const override {
    if (has_topic) f(topic_);
  }
  void for_each_queue(std::string_view, const std::function<void(const model::QueueInfo&)>&) const override {}
  void for_each_exchange(std::string_view, const std::function<void(const model::ExchangeInfo&)>&) const override {}
  void for_each_binding(std::string_view, const std::function<void(const model::Binding&)>&) const override {}
  Result<void> route(const model::Name&, const model::RoutingInput&, std::vector<TopicId>&) const override {
    return {};
  }
  uint64_t version() const override { return 1; }

  bool has_topic = false;

 private:
  model::TopicInfo topic_{.id = TopicId(1), .name = {.text = "t"}, .partitions = 2};
};

class FakeHost final : public broker::SessionHost {
 public:
  void submit(broker::RequestId id, broker::Command command) override {
    submitted.emplace_back(id, std::move(command));
  }
  const model::CatalogView& catalog() const override { return catalog_; }
  model::Now now() const override { return {.wall_ms = 1'000'000, .boot_ms = 2'000'000}; }
  size_t unsent_bytes() const override { return output_.size(); }
  size_t grant(size_t wanted, size_t) const override { return wanted; }
  bool memory_exhausted() const override { return exhausted; }
  broker::Output& output() override { return output_; }
  SessionId id() const override { return SessionId(1); }
  void set_principal(broker::Principal) override {}
  void close() override { closed = true; }
  void set_timer(int64_t boot_ms) override { timer = boot_ms; }

  /// Everything written since the last call.
  std::string sent() {
    std::string text;
    for (const Slice& slice : output_.take()) text += as_string(slice);
    return text;
  }

  FakeCatalog catalog_;
  std::deque<std::pair<broker::RequestId, broker::Command>> submitted;
  bool closed = false;
  bool exhausted = false;
  int64_t timer = 0;

 private:
  broker::Output output_;
};

class FakeNode final : public NodeView {
 public:
  void vitals(SessionId, std::move_only_function<void(Vitals)> then) override { asked = std::move(then); }
  void connections(SessionId, std::move_only_function<void(std::vector<ConnectionStatus>)> then) override {
    then({{.number = 7, .protocol = "kafka"}});
  }
  bool ready() const override { return is_ready; }
  size_t metrics_queues_max() const override { return 1; }

  std::move_only_function<void(Vitals)> asked;
  bool is_ready = true;
};

}  // namespace godwit::admin
