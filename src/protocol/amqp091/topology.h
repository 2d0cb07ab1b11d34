#pragma once

#include <memory>
#include <string>

#include "protocol/amqp091/requests.h"
#include "protocol/amqp091/wire/exchange_methods.h"
#include "protocol/amqp091/wire/queue_methods.h"

namespace godwit::protocol::amqp091 {

/// The exchange and queue methods of a channel: each becomes one command, its reply one method.
class Topology {
 public:
  explicit Topology(std::shared_ptr<Requests> requests) : requests_(std::move(requests)), link_(requests_->link()) {}

  Outcome on(const ExchangeDeclare& method);
  Outcome on(const ExchangeDelete& method);
  Outcome on(const ExchangeBind& method);
  Outcome on(const ExchangeUnbind& method);
  Outcome on(const QueueDeclare& method);
  Outcome on(const QueueBind& method);
  Outcome on(const QueueUnbind& method);
  Outcome on(const QueuePurge& method);
  Outcome on(const QueueDelete& method);

  /// The name a queue method means: `name`, or the last declared queue. Faults: 404 when there is none.
  static std::expected<std::string, Fault> queue_name(const Requests& requests, std::string_view name);
  static Fault no_queue(const Link& link, std::string_view name);
  /// Faults: 405 for a queue that another connection owns.
  static Outcome check_exclusive(const Link& link, const model::QueueInfo& queue);

 private:
  Outcome declare_stream(const QueueDeclare& method, model::CreateTopic topic);
  Outcome declare_reply_to(const QueueDeclare& method);
  Outcome declare_passive(const QueueDeclare& method, const std::string& name);
  /// Answers with what the queue holds by now.
  Outcome ask_passively(const std::string& name, bool no_wait);
  Outcome delete_stream(const QueueDelete& method, const std::string& name);
  Outcome queue_declared(const std::string& name, bool no_wait, Result<model::QueueDeclared> reply);
  /// What queue.bind or queue.unbind means. Faults: 403 the default exchange; 404 no last queue; 405 another's queue.
  template <class M>
  std::expected<model::Binding, Fault> queue_binding(const M& method) const;
  template <class Ok>
  void bind(model::Binding binding, bool no_wait);
  template <class Ok>
  void unbind(model::Binding binding, bool no_wait);
  std::string missing(const model::Binding& binding) const;

  std::shared_ptr<Requests> requests_;
  Link& link_;
};

}  // namespace godwit::protocol::amqp091
