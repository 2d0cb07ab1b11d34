#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "admin/http.h"
#include "admin/node_view.h"
#include "broker/session.h"

namespace godwit::admin {

namespace json = boost::json;
class HttpSession;

/// One request under way. A handler keeps it by its shared pointer in what it waits for, and replies exactly once. When
/// the peer goes away first, waiting ends without a callback and a reply goes nowhere.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(HttpSession& session, Request request) : session_(&session), request_(std::move(request)) {}

  const Request& request() const { return request_; }
  /// The segments that stand for {} in the route's pattern, in order.
  const std::string& argument(size_t i) const { return arguments_[i]; }
  /// ?space=, else "default".
  std::string space() const;
  /// Every namespace: those of the configuration, and those in which anything was ever made.
  std::set<std::string> spaces() const;
  /// Errors: kNotFound: space() is none of spaces(). For lists, which would be empty; a change makes its namespace.
  Result<void> check_space() const;
  model::Name name(size_t argument_index) const { return {space(), argument(argument_index)}; }
  std::optional<std::string> query(const std::string& name) const;
  /// A number from the query. Errors: kInvalidArgument unless it is one in [min, max].
  Result<int64_t> number(const std::string& name, int64_t otherwise, int64_t min, int64_t max) const;
  /// The body as an object; an empty body is an empty one. Errors: kInvalidArgument.
  Result<json::object> body() const;

  /// Not after the session has closed: handlers call these before they wait, or in a callback.
  const model::CatalogView& catalog() const;
  model::Now now() const;
  NodeView& node() const;
  SessionId session_id() const;
  template <class C, class F>
  void submit(C command, F then);
  void set_arguments(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }
  bool alive() const { return session_ != nullptr; }

  void reply(Response response);
  void reply(const json::value& value, unsigned status = 200);
  /// {"error": code, "message": …} with the status that the code stands for. docs/guide/admin-api.md has the codes.
  void refuse(const Error& error);

 private:
  friend class HttpSession;
  HttpSession* session_;  ///< null once the session is gone
  Request request_;
  std::vector<std::string> arguments_;
};
using CallPtr = std::shared_ptr<Call>;

unsigned http_status(ErrorCode code);
Response error_response(const Error& error);
Response error_response(const Error& error, unsigned status);

/// Counts replies down: `then` runs when the last copy is gone, with what they gathered.
///   auto all = gather<Lengths>(call, [call](Lengths& l) { … });  call->submit(…, [all](…) { all->value… });
template <class T>
struct Gathering {
  CallPtr call;
  T value{};
  std::move_only_function<void(T&)> then;
  ~Gathering() {
    if (call->alive()) then(value);
  }
};
template <class T, class F>
std::shared_ptr<Gathering<T>> gather(CallPtr call, F then) {
  auto gathering = std::make_shared<Gathering<T>>();
  gathering->call = std::move(call);
  gathering->then = std::move(then);
  return gathering;
}

}  // namespace godwit::admin

#include "admin/http_session.h"

namespace godwit::admin {

template <class C, class F>
void Call::submit(C command, F then) {
  if (session_) session_->submit(std::move(command), std::move(then));
}

}  // namespace godwit::admin
