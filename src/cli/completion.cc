#include "cli/completion.h"

#include "cli/command.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

constexpr std::string_view kHead = R"(# bash completion for godwit: source this, or put it where bash-completion looks.
_godwit() {
  local current=${COMP_WORDS[COMP_CWORD]} path="" word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || path="$path $word"
  done
  case "$path" in
)";
constexpr std::string_view kTail = R"(    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -F _godwit godwit
)";

/// The options of a command and of its groups of options, which CLI11 has as subcommands without a name.
void add_options(const CLI::App& app, std::string& words) {
  for (const CLI::Option* option : app.get_options()) {
    if (app.get_name().empty() && option == app.get_help_ptr()) continue;  // the command's own has been told
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  for (const CLI::App* sub : app.get_subcommands({}))
    if (sub->get_name().empty()) add_options(*sub, words);
}

void add_words(const CLI::App& app, const std::string& path, std::string& out) {
  std::string words;
  std::vector<const CLI::App*> subs = app.get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); });
  for (const CLI::App* sub : subs) words += sub->get_name() + " ";
  add_options(app, words);
  if (!words.empty()) words.pop_back();
  out += fmt::format("    \"{}\"{}) COMPREPLY=($(compgen -W \"{}\" -- \"$current\")) ;;\n", path,
                     subs.empty() && !path.empty() ? "*" : "", words);
  for (const CLI::App* sub : subs) add_words(*sub, path + " " + sub->get_name(), out);
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string out(kHead);
  add_words(app, "", out);
  return out.append(kTail);
}

void add_completion(CLI::App& app, int& exit_code) {
  CLI::App* completion = app.add_subcommand("completion", "Print a shell's completion script");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "For bash")->callback([&app, &exit_code] {
    fmt::print("{}", bash_completion(app));
    exit_code = kDone;
  });
}

}  // namespace godwit::cli
