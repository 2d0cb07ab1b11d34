#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <godwit/broker.h>

#include "base/check.h"
#include "broker/worker.h"
#include "embed/answer.h"
#include "embed/embedded_session.h"
#include "embed/host.h"
#include "model/key_hash.h"
#include "model/read_message.h"
#include "runtime/gate.h"

namespace godwit {
namespace {

using embed::Answer;
using embed::refusal;

constexpr uint32_t kReadBytes = 1 << 20;
constexpr unsigned kWorkersMax = 256;
constexpr uint64_t kJournalBytesMin = 1_MiB;
constexpr uint64_t kJournalBytesMax = 1024_GiB;

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

Result<void> check(const Broker::Options& options) {
  if (options.directory.empty()) return fail(ErrorCode::kInvalidArgument, "directory is empty");
  if (options.workers < 1 || options.workers > kWorkersMax)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("workers: {} is not in 1 to {}", options.workers, kWorkersMax));
  if (options.journal_bytes < kJournalBytesMin || options.journal_bytes > kJournalBytesMax)
    return fail(ErrorCode::kInvalidArgument, fmt::format("journal_bytes: {} is not in {} to {}", options.journal_bytes,
                                                         kJournalBytesMin, kJournalBytesMax));
  return {};
}

/// The broker one of whose callbacks runs on this thread.
thread_local const void* calling_back = nullptr;

class CallingBack {
 public:
  explicit CallingBack(const void* broker) : before_(std::exchange(calling_back, broker)) {}
  ~CallingBack() { calling_back = before_; }
  CallingBack(const CallingBack&) = delete;
  CallingBack& operator=(const CallingBack&) = delete;

 private:
  const void* before_;
};

}  // namespace

/// The session lives on worker 0. Calls reach it through a gate, which stop() closes; when the session is closed what
/// is under way is answered, and so is what has passed the gate and comes later.
class Broker::Impl final : public broker::Connection {
 public:
  explicit Impl(std::function<void(const Refusal&)> on_failure) : on_failure_(std::move(on_failure)) {}
  ~Impl() override {
    CHECK(calling_back != this, "a broker is destroyed in a handler of its own");
    if (gate_) stop();
  }
  Result<void> open(const Options& options);

  void session_changed() override {}
  size_t unsent_bytes() const override { return 0; }

  template <class C>
  Outcome<void> change(C command) {
    return wait_for<void>([this, command = std::move(command)](Pending<void> answer) mutable {
      submit<void>(std::move(answer), std::move(command), [](const auto&) { return Outcome<void>(); });
    });
  }
  std::future<Outcome<Position>> publish(std::string name, EmbeddedMessage message);
  Outcome<void> consume(std::string queue, Handler handler, uint32_t credit);
  Outcome<std::vector<EmbeddedDelivery>> read(std::string topic, uint32_t partition, Offset offset, size_t max);
  void stop();

 private:
  template <class T>
  using Pending = std::shared_ptr<Answer<T>>;

  /// Runs `work(answer)` on the session's worker, while there is a session.
  template <class T, class F>
  std::future<Outcome<T>> on_worker(F work) {
    auto answer = std::make_shared<Answer<T>>();
    auto future = answer->future();
    gate_->post([this, answer, work = std::move(work)]() mutable {
      if (session_ == nullptr) return answer->refuse(ended_by_);
      work(std::move(answer));
    });
    return future;
  }
  template <class T, class F>
  Outcome<T> wait_for(F work) {
    if (calling_back == this)
      return std::unexpected(
          refusal({ErrorCode::kUnsupported, "a handler, or on_failure, must not wait for its own broker"}));
    return on_worker<T>(std::move(work)).get();
  }

  // On worker 0.
  broker::Worker& worker() { return host_->broker().worker(WorkerId(0)); }
  Result<model::TopicInfo> topic(const std::string& name) const;
  /// Submits a command; its reply is answered as what `translate` makes of it.
  template <class T, class C, class F>
  void submit(Pending<T> answer, C command, F translate) {
    session_->call(std::move(command), [answer = std::move(answer),
                                        translate = std::move(translate)](Result<typename C::ReplyType> reply) mutable {
      reply ? answer->give(translate(*reply)) : answer->refuse(reply.error());
    });
  }
  void open_session();
  void end_session(const Error& why);
  void close();
  void failed(const Error& error);
  void stopped();

  // Constant after open(); the host goes with the end of stop().
  std::function<void(const Refusal&)> on_failure_;
  std::unique_ptr<embed::Host> host_;
  runtime::Loop* loop_ = nullptr;
  std::optional<runtime::Gate> gate_;

  // Owned by worker 0.
  embed::EmbeddedSession* session_ = nullptr;
  SessionId id_;
  Error ended_by_;  ///< why there is no session
  bool failed_ = false;
  bool closing_ = false;

  std::promise<void> when_stopped_;
  std::shared_future<void> stopped_ = when_stopped_.get_future();
  std::once_flag joined_;
};

Result<void> Broker::Impl::open(const Options& options) {
  broker::Options settings;
  settings.workers = static_cast<uint16_t>(options.workers);
  settings.journal_bytes_max = options.journal_bytes;
  auto host = embed::Host::open({.directory = options.directory,
                                 .broker = settings,
                                 .on_failure = [this](const Error& e) { loop_->post([this, e] { failed(e); }); },
                                 .on_report = [](const Error&) {},
                                 .on_hold = {}});
  if (!host) return std::unexpected(host.error());
  host_ = std::move(*host);
  loop_ = &host_->loop(0);
  gate_.emplace(*loop_);
  open_session();
  host_->start();
  return {};
}

/// Before the workers run.
void Broker::Impl::open_session() {
  worker().open_session(
      [&](broker::SessionHost& session_host) {
        auto session = std::make_unique<embed::EmbeddedSession>(session_host);
        session_ = session.get();
        id_ = session_host.id();
        return session;
      },
      *this);
}

Result<model::TopicInfo> Broker::Impl::topic(const std::string& name) const {
  const model::TopicInfo* found = session_->catalog().topic(model::Name{.text = name});
  if (found == nullptr) return godwit::fail(ErrorCode::kNotFound, fmt::format("there is no topic '{}'", name));
  return *found;
}

std::future<Outcome<Position>> Broker::Impl::publish(std::string name, EmbeddedMessage message) {
  return on_worker<Position>([this, name = std::move(name), message = std::move(message)](Pending<Position> answer) {
    auto target = topic(name);
    if (!target) return answer->refuse(target.error());
    uint32_t index = message.key ? model::partition_of_key(as_bytes(*message.key), target->partitions) : 0;
    model::Append append{.partition = {target->id, index},
                         .batch = embed::embedded_batch(message, name, session_->now().wall_ms)};
    submit<Position>(std::move(answer), std::move(append), [index](const model::Appended& appended) {
      return Outcome<Position>(Position{index, appended.base_offset.value});
    });
  });
}

Outcome<void> Broker::Impl::consume(std::string queue, Handler handler, uint32_t credit) {
  if (!handler) return std::unexpected(refusal({ErrorCode::kInvalidArgument, "there is no handler"}));
  Handler marked = [this, handler = std::move(handler)](const EmbeddedDelivery& delivery) {
    CallingBack here(this);
    return handler(delivery);
  };
  return wait_for<void>([this, queue = std::move(queue), marked = std::move(marked), credit](Pending<void> answer) {
    session_->consume(queue, marked, credit, [answer](const Result<void>& result) {
      result ? answer->give({}) : answer->refuse(result.error());
    });
  });
}

Outcome<std::vector<EmbeddedDelivery>> Broker::Impl::read(std::string name, uint32_t partition, Offset offset,
                                                          size_t max) {
  using List = std::vector<EmbeddedDelivery>;
  return wait_for<List>([=, this, name = std::move(name)](Pending<List> answer) {
    auto target = topic(name);
    if (!target) return answer->refuse(target.error());
    model::Fetch fetch{.partition = {target->id, partition}, .from = offset, .bytes_max = kReadBytes};
    submit<List>(std::move(answer), fetch,
                 [=](const model::Fetched& fetched) { return decode(fetched, partition, offset, max); });
  });
}

void Broker::Impl::end_session(const Error& why) {
  if (session_ == nullptr) return;
  ended_by_ = why;
  std::exchange(session_, nullptr)->end(why);
  worker().close_session(id_);
}

void Broker::Impl::close() {
  closing_ = true;
  end_session(embed::stopped());
  // Nothing becomes durable any more: a checkpoint would never end.
  if (failed_) return stopped();
  host_->stop([this] { stopped(); });
}

void Broker::Impl::failed(const Error& error) {
  if (std::exchange(failed_, true)) return;
  end_session(error);
  if (on_failure_) {
    CallingBack here(this);
    on_failure_(refusal(error));
  }
  if (closing_) stopped();
}

/// The checkpoint is taken, or never will be.
void Broker::Impl::stopped() {
  if (std::exchange(closing_, false)) when_stopped_.set_value();
}

void Broker::Impl::stop() {
  gate_->close([this] { close(); });
  if (calling_back == this) return;
  stopped_.wait();
  std::call_once(joined_, [this] {
    host_->join();
    host_.reset();
  });
}

Outcome<Broker> Broker::open(Options options) {
  if (auto valid = check(options); !valid) return std::unexpected(refusal(valid.error()));
  auto impl = std::make_unique<Impl>(std::move(options.on_failure));
  if (auto opened = impl->open(options); !opened) return std::unexpected(refusal(opened.error()));
  return Broker(std::move(impl));
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
  return impl_->read(std::string(topic), partition, Offset(offset), max);
}

void Broker::stop() { impl_->stop(); }

}  // namespace godwit
