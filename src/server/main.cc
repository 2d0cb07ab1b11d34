#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "server/load_config.h"
#include "server/serve.h"
#include "server/settings.h"
#include "server/version.h"

namespace {

using namespace godwit::server;

struct Arguments {
  ConfigSources sources;
  bool repair = false;
  bool markdown = false;
};

godwit::Result<Config> load(Arguments& arguments) {
  arguments.sources.environment = process_environment();
  return load_config(arguments.sources);
}

int run_serve(Arguments& arguments) {
  auto config = load(arguments);
  if (config) return serve(*config, arguments.repair);
  fmt::print(stderr, "godwit: {}\n", config.error().message);
  return kExitUsage;
}

int run_settings(Arguments& arguments, bool as_json) {
  if (arguments.markdown) return fmt::print("{}", settings_markdown()), kExitOk;
  auto config = load(arguments);
  if (!config) return fmt::print(stderr, "godwit: {}\n", config.error().message), kExitUsage;
  godwit::cli::json::object values;
  for (const Setting& setting : settings()) {
    values[setting.name] = value_text(*config, setting);
    if (!as_json) fmt::print("{} = {}\n", setting.name, value_text(*config, setting));
  }
  if (as_json) godwit::cli::print_json(values);
  return kExitOk;
}

void add_sources(CLI::App& command, Arguments& arguments) {
  // An empty value, such as a shell's unset variable, is a wrong one, not none.
  command.add_option_function<std::string>(
      "--config", [&](const std::string& file) { arguments.sources.file = file; }, "Configuration file (TOML)");
  command.add_option("--set", arguments.sources.set, "section.key=value, any number")->allow_extra_args(false);
  command.add_option_function<std::string>(
      "--data",
      [&](const std::string& directory) { arguments.sources.set.push_back("storage.directory=" + directory); },
      "Data directory; short for --set storage.directory=DIR");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("One broker for every messaging client", "godwit");
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("godwit {}", kVersion));
  int exit_code = kExitOk;
  Arguments arguments;
  godwit::cli::Options options;

  CLI::App* serve_command = app.add_subcommand("serve", "Run the broker");
  add_sources(*serve_command, arguments);
  serve_command->add_flag("--repair", arguments.repair,
                          "Start in spite of damage, keeping the damaged file beside the data");
  CLI::App* settings_command = app.add_subcommand("settings", "Print every setting and its value");
  add_sources(*settings_command, arguments);
  settings_command->add_flag("--markdown", arguments.markdown, "Print the reference page instead");
  settings_command->add_flag("--json", options.json, "Print them as a JSON object");
  settings_command->callback([&] { exit_code = run_settings(arguments, options.json); });
  godwit::cli::add_commands(app, options, exit_code);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return godwit::cli::report_parse_error(app, error);
  }
  // Not within the parsing: a server runs for long.
  if (serve_command->parsed()) return run_serve(arguments);
  return exit_code;
}
