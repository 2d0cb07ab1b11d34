#include <fmt/format.h>

#include "base/limits.h"
#include "model/settings.h"
#include "protocol/amqp091/topology.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr std::string_view kReservedPrefix = "amq.";

Outcome check_exchange_name(std::string_view name, std::string_view what) {
  if (name.empty())
    return channel_fault(ReplyCode::kAccessRefused, fmt::format("the default exchange can not be {}", what));
  return {};
}

}  // namespace

Outcome Topology::on(const ExchangeDeclare& method) {
  if (Outcome named = check_exchange_name(method.exchange, "declared"); !named) return named;
  bool exists = link_.host.catalog().exchange(link_.name(method.exchange)) != nullptr;
  if (method.exchange.starts_with(kReservedPrefix) && !exists && !method.passive)
    return channel_fault(ReplyCode::kAccessRefused,
                         fmt::format("exchange name '{}' has the reserved prefix 'amq.'", method.exchange));
  model::DeclareExchange command;
  command.passive = method.passive;
  model::ExchangeInfo& exchange = command.exchange;
  exchange.name = link_.name(method.exchange);
  exchange.type = method.type;
  exchange.durable = method.durable;
  exchange.auto_delete = method.auto_delete;
  exchange.internal = method.internal;
  exchange.arguments = method.arguments;
  for (const auto& [name, value] : method.arguments) {
    if (name != "alternate-exchange") continue;
    const auto* text = std::get_if<std::string>(&value.v);
    if (!text)
      return channel_fault(ReplyCode::kPreconditionFailed, "invalid arg 'alternate-exchange': must be a string");
    exchange.alternate = *text;
  }
  std::string name(method.exchange), type(method.type);
  requests_->call(std::move(command),
                  [this, name, type, no_wait = method.no_wait](Result<model::ExchangeDeclared> reply) -> Outcome {
                    if (reply) return requests_->answer(no_wait, ExchangeDeclareOk{}), Outcome{};
                    Fault fault = fault_of(reply.error());
                    if (reply.error().code == ErrorCode::kNotFound)
                      fault.detail = fmt::format("no exchange '{}' in vhost '{}'", name, link_.vhost);
                    if (reply.error().code == ErrorCode::kUnsupported)
                      return connection_fault(ReplyCode::kCommandInvalid,
                                              fmt::format("unknown exchange type '{}'", type));
                    return std::unexpected(std::move(fault));
                  });
  return {};
}

Outcome Topology::on(const ExchangeDelete& method) {
  if (Outcome named = check_exchange_name(method.exchange, "deleted"); !named) return named;
  if (method.exchange.starts_with(kReservedPrefix))
    return channel_fault(ReplyCode::kAccessRefused, fmt::format("exchange '{}' is predeclared", method.exchange));
  requests_->call(model::DeleteExchange{link_.name(method.exchange), method.if_unused},
                  [this, no_wait = method.no_wait](Result<model::ExchangeDeleted> reply) -> Outcome {
                    // Deleting what is not there succeeds: clients clean up without looking.
                    if (!reply && reply.error().code != ErrorCode::kNotFound)
                      return std::unexpected(fault_of(reply.error()));
                    requests_->answer(no_wait, ExchangeDeleteOk{});
                    return {};
                  });
  return {};
}

std::string Topology::missing(const model::Binding& binding) const {
  const model::CatalogView& catalog = link_.host.catalog();
  if (!catalog.exchange(binding.source))
    return fmt::format("no exchange '{}' in vhost '{}'", binding.source.text, link_.vhost);
  std::string_view kind = binding.target_kind == model::BindingTarget::kQueue ? "queue" : "exchange";
  return fmt::format("no {} '{}' in vhost '{}'", kind, binding.target, link_.vhost);
}

template <class Ok>
void Topology::bind(model::Binding binding, bool no_wait) {
  requests_->call(model::Bind{binding}, [this, binding, no_wait](Result<model::BindingChanged> reply) -> Outcome {
    if (reply) return requests_->answer(no_wait, Ok{}), Outcome{};
    Fault fault = fault_of(reply.error());
    if (reply.error().code == ErrorCode::kNotFound) fault.detail = missing(binding);
    return std::unexpected(std::move(fault));
  });
}

template <class Ok>
void Topology::unbind(model::Binding binding, bool no_wait) {
  requests_->call(model::Unbind{std::move(binding)}, [this, no_wait](Result<model::BindingChanged> reply) -> Outcome {
    if (!reply && reply.error().code != ErrorCode::kNotFound) return std::unexpected(fault_of(reply.error()));
    requests_->answer(no_wait, Ok{});
    return {};
  });
}

namespace {

template <class M>
model::Binding exchange_binding(const Link& link, const M& method) {
  return {link.name(method.source), model::BindingTarget::kExchange, std::string(method.destination),
          std::string(method.routing_key), method.arguments};
}

Outcome check_bindable(std::string_view exchange) {
  if (!exchange.empty()) return {};
  return channel_fault(ReplyCode::kAccessRefused,
                       "the default exchange has every queue bound to it and takes no bindings");
}

}  // namespace

Outcome Topology::on(const ExchangeBind& method) {
  for (std::string_view name : {method.source, method.destination})
    if (Outcome bindable = check_bindable(name); !bindable) return bindable;
  bind<ExchangeBindOk>(exchange_binding(link_, method), method.no_wait);
  return {};
}

Outcome Topology::on(const ExchangeUnbind& method) {
  for (std::string_view name : {method.source, method.destination})
    if (Outcome bindable = check_bindable(name); !bindable) return bindable;
  unbind<ExchangeUnbindOk>(exchange_binding(link_, method), method.no_wait);
  return {};
}

template <class M>
std::expected<model::Binding, Fault> Topology::queue_binding(const M& method) const {
  if (Outcome bindable = check_bindable(method.exchange); !bindable)
    return std::unexpected(std::move(bindable.error()));
  auto queue = queue_name(*requests_, method.queue);
  if (!queue) return std::unexpected(std::move(queue.error()));
  if (const model::QueueInfo* info = link_.host.catalog().queue(link_.name(*queue)))
    if (Outcome mine = check_exclusive(link_, *info); !mine) return std::unexpected(std::move(mine.error()));
  // Without both names the routing key is the queue's too. Spec: AMQP 0-9-1, queue.bind.
  std::string key(method.queue.empty() && method.routing_key.empty() ? std::string_view(*queue) : method.routing_key);
  return model::Binding{link_.name(method.exchange), model::BindingTarget::kQueue, std::move(*queue), std::move(key),
                        method.arguments};
}

Outcome Topology::on(const QueueBind& method) {
  auto binding = queue_binding(method);
  if (!binding) return std::unexpected(std::move(binding.error()));
  bind<QueueBindOk>(std::move(*binding), method.no_wait);
  return {};
}

Outcome Topology::on(const QueueUnbind& method) {
  auto binding = queue_binding(method);
  if (!binding) return std::unexpected(std::move(binding.error()));
  unbind<QueueUnbindOk>(std::move(*binding), false);
  return {};
}

}  // namespace godwit::protocol::amqp091
