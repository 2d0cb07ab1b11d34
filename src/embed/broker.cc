#include <utility>

#include <fmt/format.h>
#include <godwit/broker.h>

#include "base/check.h"
#include "broker/worker.h"
#include "embed/embedded_session.h"
#include "embed/host.h"
#include "model/key_hash.h"
#include "model/read_message.h"

namespace godwit {
namespace {

Refusal refusal(const Error& error) { return {std::string(to_string(error.code)), error.message}; }

constexpr uint32_t kReadBytes = 1 << 20;

/// Messages of a fetch from `from` on, at most `max`.
Outcome<std::vector<EmbeddedDelivery>> decode(const model::Fetched& fetched, uint32_t partition, Offset from,
                                              size_t max) {
  std::vector<EmbeddedDelivery> list;
  for (const model::Batch& batch : fetched.batches) {
    auto messages = model::BatchMessages::open(batch);
    if (!messages) return std::unexpected(refusal(messages.error()));
    model::NativeMessage native;
    for (Offset offset = batch.base_offset(); list.size() < max && messages->next(native); ++offset) {
      if (offset < from || (batch.header.flags & model::kControl)) continue;
      auto message = embed::embedded_message(native);
      if (!message) return std::unexpected(refusal(message.error()));
      list.push_back({std::move(*message), {partition, offset.value}, false});
    }
  }
  return list;
}

}  // namespace

class Broker::Impl final : public broker::Connection {
 public:
  explicit Impl(std::unique_ptr<embed::Host> host) : host_(std::move(host)) {
    host_->start();
    std::promise<void> opened;
    host_->loop(0).post([&] {
      worker().open_session(
          [&](broker::SessionHost& session_host) {
            auto session = std::make_unique<embed::EmbeddedSession>(session_host);
            session_ = session.get();
            id_ = session_host.id();
            return session;
          },
          *this);
      opened.set_value();
    });
    opened.get_future().wait();
  }
  ~Impl() override { stop(); }

  void session_changed() override {}
  size_t unsent_bytes() const override { return 0; }

  /// Runs a command on the session's worker; the future gets what `translate` makes of its reply.
  template <class T, class C, class F>
  std::future<Outcome<T>> call(C command, F translate) {
    auto promise = std::make_shared<std::promise<Outcome<T>>>();
    host_->loop(0).post([this, promise, command = std::move(command), translate = std::move(translate)]() mutable {
      submit<T>(promise, std::move(command), std::move(translate));
    });
    return promise->get_future();
  }
  /// The same on the worker itself.
  template <class T, class C, class F>
  void submit(std::shared_ptr<std::promise<Outcome<T>>> promise, C command, F translate) {
    session_->call(std::move(command),
                   [promise, translate = std::move(translate)](Result<typename C::ReplyType> reply) {
                     if (!reply) return promise->set_value(std::unexpected(refusal(reply.error())));
                     promise->set_value(translate(*reply));
                   });
  }
  template <class C>
  Outcome<void> change(C command) {
    return call<void>(std::move(command), [](const auto&) { return Outcome<void>(); }).get();
  }

  std::future<Outcome<Position>> publish(std::string name, EmbeddedMessage message);
  Outcome<void> consume(std::string queue, Handler handler, uint32_t credit);
  std::future<Outcome<std::vector<EmbeddedDelivery>>> read(std::string topic, uint32_t partition, Offset offset,
                                                           size_t max);
  void stop();

 private:
  broker::Worker& worker() { return host_->broker().worker(WorkerId(0)); }
  /// On the worker: the topic of this name.
  Result<model::TopicInfo> topic(const std::string& name) const {
    const model::TopicInfo* found = session_->catalog().topic(model::Name{.text = name});
    if (found == nullptr) return godwit::fail(ErrorCode::kNotFound, fmt::format("there is no topic '{}'", name));
    return *found;
  }

  std::unique_ptr<embed::Host> host_;
  embed::EmbeddedSession* session_ = nullptr;  ///< touched on worker 0 only
  SessionId id_;
};

std::future<Outcome<Position>> Broker::Impl::publish(std::string name, EmbeddedMessage message) {
  auto promise = std::make_shared<std::promise<Outcome<Position>>>();
  host_->loop(0).post([this, promise, name = std::move(name), message = std::move(message)] {
    auto target = topic(name);
    if (!target) return promise->set_value(std::unexpected(refusal(target.error())));
    uint32_t index = message.key ? model::partition_of_key(as_bytes(*message.key), target->partitions) : 0;
    model::Append append{.partition = {target->id, index},
                         .batch = embed::embedded_batch(message, name, session_->now().wall_ms)};
    submit<Position>(promise, std::move(append), [index](const model::Appended& appended) {
      return Outcome<Position>(Position{index, appended.base_offset.value});
    });
  });
  return promise->get_future();
}

Outcome<void> Broker::Impl::consume(std::string queue, Handler handler, uint32_t credit) {
  std::promise<Outcome<void>> promise;
  host_->loop(0).post([&] {
    session_->consume(queue, std::move(handler), credit, [&promise](Result<void> result) {
      promise.set_value(result ? Outcome<void>() : std::unexpected(refusal(result.error())));
    });
  });
  return promise.get_future().get();
}

std::future<Outcome<std::vector<EmbeddedDelivery>>> Broker::Impl::read(std::string name, uint32_t partition,
                                                                       Offset offset, size_t max) {
  using List = std::vector<EmbeddedDelivery>;
  auto promise = std::make_shared<std::promise<Outcome<List>>>();
  host_->loop(0).post([=, this] {
    auto target = topic(name);
    if (!target) return promise->set_value(std::unexpected(refusal(target.error())));
    model::Fetch fetch{.partition = {target->id, partition}, .from = offset, .bytes_max = kReadBytes};
    submit<List>(promise, fetch,
                 [=](const model::Fetched& fetched) { return decode(fetched, partition, offset, max); });
  });
  return promise->get_future();
}

void Broker::Impl::stop() {
  if (!host_) return;
  std::promise<void> stopped;
  host_->loop(0).post([&] {
    worker().close_session(id_);
    host_->stop([&] { stopped.set_value(); });
  });
  stopped.get_future().wait();
  host_->join();
  host_.reset();
}

Outcome<Broker> Broker::open(Options options) {
  broker::Options settings;
  settings.workers = static_cast<uint16_t>(options.workers);
  settings.journal_bytes_max = options.journal_bytes;
  auto host = embed::Host::open({.directory = options.directory,
                                 .broker = settings,
                                 .on_failure = [](const Error& e) { CHECK(false, "storage failed: {}", e.message); },
                                 .on_report = [](const Error&) {},
                                 .on_hold = {}});
  if (!host) return std::unexpected(refusal(host.error()));
  return Broker(std::make_unique<Impl>(std::move(*host)));
}

Broker::Broker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Broker::Broker(Broker&&) noexcept = default;
Broker& Broker::operator=(Broker&&) noexcept = default;
Broker::~Broker() = default;

Outcome<void> Broker::create_topic(std::string_view name, uint32_t partitions) {
  return impl_->change(model::CreateTopic{.name = {.text = std::string(name)},
                                          .partitions = partitions,
                                          .settings = {.retention = model::Retention::kTime},
                                          .if_absent = true});
}

Outcome<void> Broker::create_queue(std::string_view name) {
  return impl_->change(model::DeclareQueue{.name = {.text = std::string(name)}});
}

Outcome<void> Broker::create_subscription(std::string_view name, std::string_view topic) {
  return impl_->change(model::DeclareQueue{
      .name = {.text = std::string(name)}, .topic = std::string(topic), .start = model::Start::kEnd});
}

std::future<Outcome<Position>> Broker::publish(std::string_view name, EmbeddedMessage message) {
  return impl_->publish(std::string(name), std::move(message));
}

Outcome<void> Broker::consume(std::string_view queue, Handler handler, uint32_t credit) {
  return impl_->consume(std::string(queue), std::move(handler), credit);
}

Outcome<std::vector<EmbeddedDelivery>> Broker::read(std::string_view topic, uint32_t partition, int64_t offset,
                                                    size_t max) {
  return impl_->read(std::string(topic), partition, Offset(offset), max).get();
}

void Broker::stop() { impl_->stop(); }

}  // namespace godwit
