#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

using ::testing::HasSubstr;

TEST(Completion, KnowsCommandsAndOptionsOfEachLevel) {
  CLI::App app("test", "godwit");
  CLI::App* queues = app.add_subcommand("queues");
  bool json = false;
  queues->add_subcommand("list")->add_flag("--json", json);
  std::string script = bash_completion(app);
  EXPECT_THAT(script, HasSubstr("\"\") COMPREPLY=($(compgen -W \"queues"));
  EXPECT_THAT(script, HasSubstr("\" queues\") COMPREPLY=($(compgen -W \"list"));
  EXPECT_THAT(script, HasSubstr("\" queues list\"*"));
  EXPECT_THAT(script, HasSubstr("--json"));
}

TEST(Completion, OptionsOfAGroupAreOptionsOfItsCommand) {
  CLI::App app("test", "godwit");
  std::string queue;
  app.add_subcommand("bind")->add_option_group("target")->add_option("--queue", queue);
  std::string script = bash_completion(app);
  EXPECT_THAT(script, HasSubstr("\" bind\"*) COMPREPLY=($(compgen -W \"--help --queue\""));
}

}  // namespace
}  // namespace godwit::cli
