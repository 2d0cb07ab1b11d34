#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/error.h"
#include "cli/http_client.h"

namespace godwit::cli {

namespace json = boost::json;

/// Exit codes of every command that talks to a broker.
enum ExitCode : int {
  kDone = 0,
  kRefused = 1,      ///< the broker said no, or there is no such thing, or the output cannot be written
  kUsage = 2,        ///< the command line makes no sense
  kUnreachable = 3,  ///< no broker answers, or what answers is none that this command understands
};

/// What the commands have in common: where the broker is, and how to print.
struct Options {
  std::string url = "http://127.0.0.1:8080";
  std::string space = "default";
  bool json = false;
};

/// The admin API of one broker. A command asks, and on false returns exit_code(): the reason is on standard error
/// already.
class Client {
 public:
  explicit Client(const Options& options) : options_(options) {}

  /// `target` without the namespace, which is added. `wait_ms` is how long the broker may take on purpose.
  bool ask(std::string_view method, const std::string& target, const json::object& body, json::value& reply,
           int64_t wait_ms = 0);
  bool get(const std::string& target, json::value& reply) { return ask("GET", target, {}, reply); }
  /// The list that the last answer has as `member`. Null when it has none: that is reported like any failure.
  const json::array* list(const json::value& reply, std::string_view member);
  /// Whether `object`, of the last answer, has a number as `member`; that it has not is reported likewise.
  bool has_number(const json::value& object, std::string_view member);
  /// Says `message` on standard error; false, for the caller to return.
  bool report(int code, std::string_view message);
  int exit_code() const { return exit_code_; }
  const Options& options() const { return options_; }

 private:
  bool misses(std::string_view what);

  const Options& options_;
  std::string asked_;  ///< the last question, as messages name it
  std::optional<HttpClient> http_;
  int exit_code_ = kDone;
};

/// A member as a table cell: text without quotes, nothing for null or absent.
std::string cell(const json::value& object, std::string_view member);
/// Prints a reply as it is, for scripts.
void print_json(const json::value& reply);
/// What was printed has left the program; false, reported, when it could not be written.
bool flush(Client& client);

}  // namespace godwit::cli
