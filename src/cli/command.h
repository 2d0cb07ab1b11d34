#pragma once

#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/client.h"
#include "cli/table.h"

namespace godwit::cli {

/// The options that all commands share, before the command's name or after it.
inline void add_shared_options(CLI::App& to, Options& options) {
  to.add_option("--url", options.url, "The broker's admin API; also GODWIT_URL")->capture_default_str();
  to.add_option("--space", options.space, "Namespace")->capture_default_str();
  to.add_flag("--json", options.json, "Print the reply as JSON");
}

/// The name of what a command is about.
inline CLI::Option* add_name(CLI::App* command, const std::string& option, std::string& into, const std::string& doc) {
  CLI::Validator given([](const std::string& name) { return name.empty() ? "a name cannot be empty" : ""; }, "");
  return command->add_option(option, into, doc)->required()->check(given);
}

/// How many messages at most.
inline CLI::Option* add_count(CLI::App* command, int64_t& into, const std::string& doc) {
  CLI::Validator counts(
      [](const std::string& text) {
        int64_t value = 0;
        bool is_number = CLI::detail::lexical_cast(text, value);
        return is_number && value > 0 ? "" : fmt::format("expected a whole number from 1 on, not '{}'", text);
      },
      "");
  return command->add_option("-n,--count", into, doc)->check(counts);
}

/// A subcommand with the options all of them share; `run` returns the exit code.
inline CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& doc, Options& options,
                             int& exit_code, std::function<int(Client&)> run) {
  CLI::App* command = parent.add_subcommand(name, doc);
  add_shared_options(*command, options);
  command->callback([&options, &exit_code, run = std::move(run)] {
    Client client(options);
    try {
      exit_code = run(client);
      if (!flush(client) && exit_code == kDone) exit_code = client.exit_code();
    } catch (const std::system_error& unwritable) {  // from fmt::print, to a full disk or a closed pipe
      client.report(kRefused, fmt::format("the output cannot be written: {}", unwritable.code().message()));
      exit_code = client.exit_code();
    }
  });
  return command;
}

/// A subcommand about one thing, which is named; `noun` says what that is.
inline void add_named_command(CLI::App& parent, const std::string& verb, const std::string& doc,
                              const std::string& noun, Options& options, int& exit_code,
                              std::function<int(Client&, const std::string& name)> run) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = add_command(parent, verb, doc, options, exit_code,
                                  [name, run = std::move(run)](Client& client) { return run(client, *name); });
  add_name(command, "name", *name, noun);
}

/// A column: its head, and the member it shows.
using Column = std::pair<const char*, const char*>;

/// GETs a list and prints it.
inline int list(Client& client, const std::string& target, const char* member, const std::vector<Column>& columns) {
  json::value reply;
  if (!client.get(target, reply)) return client.exit_code();
  if (client.options().json) return print_json(reply), kDone;
  const json::array* items = client.list(reply, member);
  if (items == nullptr) return client.exit_code();
  std::vector<std::string> heads;
  heads.reserve(columns.size());
  for (const Column& column : columns) heads.emplace_back(column.first);
  Table table(std::move(heads));
  for (const json::value& item : *items) {
    std::vector<std::string> row;
    row.reserve(columns.size());
    for (const Column& column : columns) row.push_back(cell(item, column.second));
    table.add(std::move(row));
  }
  fmt::print("{}", table.text());
  return kDone;
}

/// Asks and prints `said`, or the reply with --json.
inline int change(Client& client, std::string_view method, const std::string& target, const json::object& body,
                  const std::string& said) {
  json::value reply;
  if (!client.ask(method, target, body, reply)) return client.exit_code();
  if (client.options().json)
    print_json(reply);
  else
    fmt::print("{}\n", said);
  return kDone;
}

/// PUTs what may be there already, and says which it was.
inline int create(Client& client, const std::string& target, const json::object& body, const std::string& what) {
  json::value reply;
  if (!client.ask("PUT", target, body, reply)) return client.exit_code();
  if (client.options().json)
    print_json(reply);
  else if (cell(reply, "created") == "false")
    fmt::print("{} is there already\n", what);
  else
    fmt::print("created {}\n", what);
  return kDone;
}

/// Prints an object's members, one a line; with --json as it is.
inline void print_object(const Client& client, const json::value& object) {
  if (client.options().json) return print_json(object);
  size_t width = 0;
  for (const auto& member : object.as_object()) width = std::max(width, member.key().size());
  for (const auto& member : object.as_object()) {
    if (member.value().is_array() && !member.value().as_array().empty() && member.value().as_array()[0].is_object())
      continue;
    std::string name(member.key());
    fmt::print("{:<{}}  {}\n", name, width, cell(object, name));
  }
}

}  // namespace godwit::cli
