#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "broker/envelope.h"
#include "engine/catalog.h"
#include "engine/catalog_decide.h"
#include "runtime/executor.h"

namespace godwit::broker {

class Worker;

/// What the catalog keeps of a topic, a queue, an exchange or a binding: names, settings, arguments. Less if the
/// journal takes less at once.
constexpr size_t kCatalogRecordBytesMax = 1_MiB;

/// Names, settings and bindings. The owner of shard 0 decides; once a change is durable every worker applies it to its
/// copy, opens or closes its share of partitions and ledgers, and says so when that is durable as well. Then sessions
/// are told what concerns their consumers and the command is answered, in the order the commands were decided.
class CatalogService {
 public:
  explicit CatalogService(Worker& worker) : worker_(worker) {}

  const engine::Catalog& view() const { return view_; }
  std::vector<model::QueueInfo> exclusive_queues_of(SessionId session) const;

  // On shard 0's owner.
  template <class C>
    requires requires(const engine::Catalog& c, const C& command, const engine::CatalogContext& x) {
      engine::decide(c, command, x);
    }
  void run(Envelope& e, C& command) {
    constexpr bool declares = std::is_same_v<C, model::DeclareQueue>;
    if constexpr (declares || std::is_same_v<C, model::DeleteQueue>) {
      with_counts(e, command.name, declares,
                  [this, session = e.session, request = e.request, command](engine::CatalogContext context) {
                    finish(session, request, command, context);
                  });
    } else {
      finish(e.session, e.request, command, context_for(e.session, nullptr));
    }
  }

  // Boot, on the one thread there is then.
  Result<void> replay(uint8_t type, uint8_t version, ByteView body);
  engine::CatalogRecords snapshot() const { return authority_.snapshot(engine::Keep::kDurable); }
  void restore(const engine::CatalogRecords& records);
  void finish_replay() { authority_.finish_replay(); }
  const engine::Catalog& authority() const { return authority_; }
  /// Takes over the owner's state and opens this worker's share; closes what no name stands for any more.
  void start_from(const engine::Catalog& authority);

 private:
  struct Commit {
    size_t waiting = 0;  ///< workers that have not applied it yet
    SessionId session;
    RequestId request = 0;
    Reply reply;
    std::vector<TopicId> grown;  ///< topics that got more partitions
  };
  using OnCounts = std::function<void(engine::CatalogContext)>;

  template <class C>
  void finish(SessionId session, RequestId request, const C& command, const engine::CatalogContext& context) {
    auto decision = engine::decide(authority_, command, context);
    if (!decision) return commit(session, request, {}, std::unexpected(decision.error()));
    commit(session, request, std::move(decision->records), std::move(decision->reply));
  }
  engine::CatalogContext context_for(SessionId session, const model::QueueInfo* queue) const;
  /// `uses`: the queue is not unused then.
  void with_counts(const Envelope& e, const model::Name& name, bool uses, OnCounts then);
  /// Errors: kTooLarge: more than the catalog keeps of one thing.
  Result<std::vector<ByteVec>> encode(const engine::CatalogRecords& records) const;
  void commit(SessionId session, RequestId request, engine::CatalogRecords records, Reply reply);
  void broadcast(std::shared_ptr<Commit> commit, std::shared_ptr<const engine::CatalogRecords> records);
  void answer_finished();
  void tell_grown(TopicId topic);

  void adopt(const engine::CatalogRecord& record);
  using Entries = std::vector<const engine::QueueEntry*>;
  /// Its subscriptions and its own.
  Entries queues_of(const engine::TopicEntry& topic) const;
  /// Those of the topic's partitions that this worker owns, and these queues over them.
  void open_share(const engine::TopicEntry& topic, const Entries& queues);
  void close_queue(QueueId id);
  void close_topic(TopicId id);
  void close_orphans();

  Worker& worker_;
  engine::Catalog view_;
  engine::Catalog authority_;  ///< on shard 0's owner only
  std::deque<std::shared_ptr<Commit>> commits_;
  std::unordered_map<uint64_t, std::vector<QueueId>> exclusive_;  ///< by session
};

}  // namespace godwit::broker
