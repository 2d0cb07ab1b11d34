#include "cli/commands.h"

#include <cstdlib>

#include "fake_admin.h"

namespace godwit::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<CLI::App*> leaves(CLI::App& app) {
  std::vector<CLI::App*> found;
  for (CLI::App* sub : app.get_subcommands({})) {
    if (sub->get_name().empty()) continue;  // a group of options
    std::vector<CLI::App*> below = leaves(*sub);
    if (below.empty()) below.push_back(sub);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

TEST(Commands, EveryCommandSaysWhatItDoesAndTakesTheSharedOptions) {
  CLI::App app("test", "godwit");
  Options options;
  int code = kDone;
  add_commands(app, options, code);
  std::vector<CLI::App*> all = leaves(app);
  EXPECT_GE(all.size(), 20u);
  for (CLI::App* command : all) {
    EXPECT_FALSE(command->get_description().empty()) << command->get_name();
    if (command->get_name() == "bash") continue;
    for (const char* name : {"--url", "--space", "--json"})
      EXPECT_NE(command->get_option_no_throw(name), nullptr) << command->get_name() << " " << name;
    for (const CLI::Option* option : command->get_options())
      EXPECT_FALSE(option->get_description().empty()) << command->get_name() << " " << option->get_name();
  }
}

TEST(Commands, TheEnvironmentNamesTheBrokerUnlessTheArgumentsDo) {
  FakeAdmin admin(Said{R"({"queues":[]})"});
  ::setenv("GODWIT_URL", admin.url().c_str(), 1);
  CLI::App app("test", "godwit");
  Options options;
  int code = kUsage;
  add_commands(app, options, code);
  ::unsetenv("GODWIT_URL");
  testing::internal::CaptureStdout();
  app.parse("queues list");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "NAME  TOPIC  READY  LEASED  CONSUMERS\n");
  EXPECT_EQ(code, kDone);

  testing::internal::CaptureStderr();
  app.parse("queues list --url http://127.0.0.1:1");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("cannot reach a broker at http://127.0.0.1:1"));
  EXPECT_EQ(code, kUnreachable);
  EXPECT_EQ(admin.asked().size(), 1u);
}

TEST(Commands, WhatMakesNoSenseAsksNobody) {
  FakeAdmin admin(Said{});
  for (std::vector<std::string> arguments :
       std::vector<std::vector<std::string>>{{"queues"},
                                             {"queues", "frobnicate"},
                                             {"queues", "show"},
                                             {"topics", "create", "t", "--partitions", "many"},
                                             {"groups", "delete"},
                                             {"exchanges", "bind", "e"},
                                             {"exchanges", "bind", "e", "--queue", "q", "--exchange", "f"},
                                             {"messages", "peek"},
                                             {"consume", "q", "-n", "-1"},
                                             {"consume", "q", "-n", "0"},
                                             {"messages", "read", "t", "-n", "x"},
                                             {"topics", "create", ""},
                                             {"queues", "create", ""},
                                             {"completion"}}) {
    if (arguments.size() > 2) arguments.insert(arguments.end(), {"--url", admin.url()});
    EXPECT_EQ(run(arguments).code, kUsage) << arguments[0] << " " << arguments.size();
  }
  EXPECT_THAT(admin.asked(), ElementsAre());
  EXPECT_EQ(run({"queues", "list", "--url", "https://x"}).code, kUsage);
}

TEST(Commands, AMistakeIsNamed) {
  auto said = [](std::vector<std::string> arguments) { return run(std::move(arguments)).err; };
  EXPECT_EQ(said({"foo"}), "godwit: unknown command 'foo'; `godwit --help` lists those there are\n");
  EXPECT_EQ(said({"queues", "foo", "bar"}),
            "godwit: unknown command 'foo'; `godwit queues --help` lists those there are\n");
  EXPECT_THAT(said({"--url", "http://127.0.0.1:1", "foo"}), HasSubstr("unknown command 'foo'"));
  EXPECT_THAT(said({"queues"}), HasSubstr("subcommand is required"));
  EXPECT_THAT(said({"topics", "create", ""}), HasSubstr("a name cannot be empty"));
  EXPECT_THAT(said({"consume", "q", "-n", "0"}), HasSubstr("--count: expected a whole number from 1 on, not '0'"));
  EXPECT_THAT(said({"consume", "q", "-n", "x"}), HasSubstr("--count: expected a whole number from 1 on, not 'x'"));
  EXPECT_THAT(said({"consume", "q", "more"}), HasSubstr("more"));
}

TEST(Commands, SharedOptionsMayComeFirst) {
  FakeAdmin admin(Said{R"({"topics":[]})"});
  EXPECT_EQ(run({"--url", admin.url(), "--json", "--space", "s", "topics", "list"}).out, "{\"topics\":[]}\n");
  EXPECT_THAT(admin.lines(), ElementsAre("GET /api/topics?space=s"));
}

TEST(Commands, NobodyThereIsSaidByEveryCommandThatAsks) {
  for (std::vector<std::string> arguments : std::vector<std::vector<std::string>>{{"topics", "list"},
                                                                                  {"queues", "purge", "q"},
                                                                                  {"exchanges", "bindings"},
                                                                                  {"groups", "show", "g"},
                                                                                  {"connections", "list"},
                                                                                  {"publish", "t", "--body", "x"},
                                                                                  {"consume", "q", "--once"},
                                                                                  {"consume", "q", "--release"},
                                                                                  {"messages", "peek", "q"},
                                                                                  {"messages", "read", "t"}}) {
    arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:1"});
    Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, kUnreachable) << arguments[0];
    EXPECT_THAT(outcome.err, HasSubstr("cannot reach a broker at http://127.0.0.1:1")) << arguments[0];
    EXPECT_EQ(outcome.out, "") << arguments[0];
  }
}

}  // namespace
}  // namespace godwit::cli
