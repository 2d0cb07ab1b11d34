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

void add_words(const CLI::App& app, const std::string& path, std::string& out) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands({})) words += sub->get_name() + " ";
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  if (!words.empty()) words.pop_back();
  out += fmt::format("    \"{}\"{}) COMPREPLY=($(compgen -W \"{}\" -- \"$current\")) ;;\n", path,
                     app.get_subcommands({}).empty() && !path.empty() ? "*" : "", words);
  for (const CLI::App* sub : app.get_subcommands({})) add_words(*sub, path + " " + sub->get_name(), out);
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
