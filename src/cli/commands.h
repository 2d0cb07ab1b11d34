#pragma once

#include "cli/client.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace godwit::cli {

/// Adds every command that talks to a running broker, the options these share, and `completion`. The command that was
/// given leaves its exit code in `exit_code`; both arguments outlive the parsing.
void add_commands(CLI::App& app, Options& options, int& exit_code);

/// Says what the parsing has failed with; returns the exit code, kDone where help was asked for.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error);

void add_topics(CLI::App& app, Options& options, int& exit_code);
void add_queues(CLI::App& app, Options& options, int& exit_code);
void add_exchanges(CLI::App& app, Options& options, int& exit_code);
void add_groups(CLI::App& app, Options& options, int& exit_code);
void add_connections(CLI::App& app, Options& options, int& exit_code);
void add_publish(CLI::App& app, Options& options, int& exit_code);
void add_consume(CLI::App& app, Options& options, int& exit_code);
void add_messages(CLI::App& app, Options& options, int& exit_code);
void add_doctor(CLI::App& app, Options& options, int& exit_code);
/// Completes the names of every command that `app` has by then.
void add_completion(CLI::App& app, int& exit_code);

}  // namespace godwit::cli
