#include <utility>

#include "admin/handlers/handlers.h"
#include "admin/json_fields.h"
#include "admin/message_json.h"

namespace godwit::admin::handlers {
namespace {

json::object map_to_json(const model::ValueMap& map) {
  json::object out;
  for (const auto& [name, value] : map) out[name] = value_to_json(value);
  return out;
}

void read_map(JsonFields& in, std::string_view name, model::ValueMap& into) {
  const json::value* v = in.take(name);
  if (v == nullptr) return;
  if (!v->is_object()) return in.wrong(name, "an object");
  for (const auto& [key, item] : v->as_object()) {
    auto value = value_from_json(item);
    if (!value) return in.wrong(name, value.error().message);
    into.emplace_back(std::string(key), std::move(*value));
  }
}

json::object binding_to_json(const model::Binding& b) {
  return {{"source", b.source.text},
          {"target_kind", b.target_kind == model::BindingTarget::kQueue ? "queue" : "exchange"},
          {"target", b.target},
          {"routing_key", b.routing_key},
          {"arguments", map_to_json(b.arguments)}};
}

Result<model::Binding> read_binding(const CallPtr& call) {
  auto body = call->body();
  if (!body) return std::unexpected(body.error());
  model::Binding binding{.source = {call->space(), ""}};
  JsonFields in(*body);
  in.text("source", binding.source.text);
  in.text("target", binding.target);
  in.text("routing_key", binding.routing_key);
  in.choice<model::BindingTarget>(
      "target_kind", binding.target_kind,
      {{"queue", model::BindingTarget::kQueue}, {"exchange", model::BindingTarget::kExchange}});
  read_map(in, "arguments", binding.arguments);
  if (auto done = in.done(); !done) return std::unexpected(done.error());
  if (binding.source.text.empty() || binding.target.empty())
    return fail(ErrorCode::kInvalidArgument, "a binding needs a source and a target");
  return binding;
}

template <class C>
void change_binding(const CallPtr& call) {
  auto binding = read_binding(call);
  if (!binding) return call->refuse(binding.error());
  call->submit(C{std::move(*binding)}, [call](const Result<model::BindingChanged>& changed) {
    if (!changed) return call->refuse(changed.error());
    call->reply(json::object{{"changed", changed->changed}});
  });
}

}  // namespace

void list_exchanges(const CallPtr& call) {
  if (auto known = call->check_space(); !known) return call->refuse(known.error());
  json::array list;
  call->catalog().for_each_exchange(call->space(), [&](const model::ExchangeInfo& e) {
    json::object out{{"name", e.name.text},          {"type", e.type},         {"durable", e.durable},
                     {"auto_delete", e.auto_delete}, {"internal", e.internal}, {"arguments", map_to_json(e.arguments)}};
    if (e.alternate) out["alternate"] = *e.alternate;
    list.push_back(std::move(out));
  });
  call->reply(json::object{{"exchanges", std::move(list)}});
}

void declare_exchange(const CallPtr& call) {
  auto body = call->body();
  if (!body) return call->refuse(body.error());
  model::DeclareExchange declare{.exchange = {.name = call->name(0), .type = "direct"}};
  JsonFields in(*body);
  in.text("type", declare.exchange.type);
  in.flag("durable", declare.exchange.durable);
  in.flag("auto_delete", declare.exchange.auto_delete);
  in.flag("internal", declare.exchange.internal);
  in.text("alternate", declare.exchange.alternate);
  read_map(in, "arguments", declare.exchange.arguments);
  if (auto done = in.done(); !done) return call->refuse(done.error());
  call->submit(std::move(declare), [call](const Result<model::ExchangeDeclared>& declared) {
    if (!declared) return call->refuse(declared.error());
    call->reply(json::object{{"name", call->argument(0)}, {"created", declared->created}},
                declared->created ? 201 : 200);
  });
}

void delete_exchange(const CallPtr& call) {
  model::DeleteExchange command{.name = call->name(0), .if_unused = call->query("if_unused") == "true"};
  call->submit(std::move(command), [call](const Result<model::ExchangeDeleted>& deleted) {
    if (!deleted) return call->refuse(deleted.error());
    call->reply(json::object{{"deleted", true}});
  });
}

void list_bindings(const CallPtr& call) {
  if (auto known = call->check_space(); !known) return call->refuse(known.error());
  json::array list;
  call->catalog().for_each_binding(call->space(), [&](const model::Binding& b) { list.push_back(binding_to_json(b)); });
  call->reply(json::object{{"bindings", std::move(list)}});
}

void bind(const CallPtr& call) { change_binding<model::Bind>(call); }
void unbind(const CallPtr& call) { change_binding<model::Unbind>(call); }

}  // namespace godwit::admin::handlers
