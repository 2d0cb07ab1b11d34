#include "cli/commands.h"

#include <cstdlib>

#include <CLI/CLI.hpp>

namespace godwit::cli {

void add_commands(CLI::App& app, Options& options, int& exit_code) {
  if (const char* url = std::getenv("GODWIT_URL")) options.url = url;
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

}  // namespace godwit::cli
