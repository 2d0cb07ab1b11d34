#include "cli/commands.h"

#include <cstdlib>

#include "cli/command.h"

namespace godwit::cli {

void add_commands(CLI::App& app, Options& options, int& exit_code) {
  if (const char* url = std::getenv("GODWIT_URL")) options.url = url;
  add_shared_options(app, options);
  add_topics(app, options, exit_code);
  add_queues(app, options, exit_code);
  add_exchanges(app, options, exit_code);
  add_groups(app, options, exit_code);
  add_connections(app, options, exit_code);
  add_publish(app, options, exit_code);
  add_consume(app, options, exit_code);
  add_messages(app, options, exit_code);
  add_doctor(app, options, exit_code);
  add_completion(app, exit_code);
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string path = "godwit";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().back();
    path += " " + command->get_name();
  }
  auto is_command = [](const CLI::App* sub) { return !sub->get_name().empty(); };
  std::vector<std::string> rest = command->remaining();
  if (command->get_subcommands(is_command).empty() || rest.empty() || rest.front().starts_with('-'))
    return app.exit(error) == 0 ? kDone : kUsage;
  fmt::print(stderr, "godwit: unknown command '{}'; `{} --help` lists those there are\n", rest.front(), path);
  return kUsage;
}

}  // namespace godwit::cli
