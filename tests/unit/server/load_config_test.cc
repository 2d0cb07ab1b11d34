#include "server/load_config.h"

#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../support/temporary_directory.h"

namespace godwit::server {
namespace {

using ::testing::HasSubstr;

class LoadConfig : public ::testing::Test {
 protected:
  std::string file(const std::string& text) {
    std::string path = directory_.path() + "/godwit.toml";
    std::ofstream(path) << text;
    return path;
  }
  TemporaryDirectory directory_;
};

TEST_F(LoadConfig, LaterSourcesWin) {
  ConfigSources sources{.file = file("[amqp]\nport = 1001\n[kafka]\nport = 1002\n[http]\nport = 1003\n"),
                        .environment = {"GODWIT_KAFKA_PORT=2002", "GODWIT_HTTP_PORT=2003", "HOME=/root"},
                        .set = {"http.port=3003"}};
  auto config = load_config(sources);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->amqp_port, Port{1001});
  EXPECT_EQ(config->kafka_port, Port{2002});
  EXPECT_EQ(config->http_port, Port{3003});
  EXPECT_EQ(config->log_level, "info");
}

TEST_F(LoadConfig, FilesHaveTypedValues) {
  auto config = load_config({.file = file("bind = ['127.0.0.1', '::1']\n[kafka]\nport = 'off'\n"
                                          "auto_create_topics = false\n[memory]\nlimit = '64MiB'\n")});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->bind.size(), 2u);
  EXPECT_EQ(config->kafka_port, Port{});
  EXPECT_FALSE(config->kafka_auto_create_topics);
  EXPECT_EQ(config->memory_limit.bytes, 64_MiB);
}

TEST_F(LoadConfig, SaysWhereAMistakeIs) {
  auto refused = [](const ConfigSources& sources) {
    auto config = load_config(sources);
    return config ? std::string("accepted") : config.error().message;
  };
  EXPECT_THAT(refused({.file = file("[amqp]\n\nprot = 1\n")}), HasSubstr("line 3"));
  EXPECT_THAT(refused({.file = file("[amqp\n")}), HasSubstr("line 1"));
  EXPECT_THAT(refused({.file = file("[amqp]\nport = 1979-05-27\n")}), HasSubstr("unknown kind"));
  EXPECT_THAT(refused({.file = "/no/such/file"}), HasSubstr("cannot be read"));
  EXPECT_THAT(refused({.file = directory_.path()}), HasSubstr("cannot be read"));
  EXPECT_THAT(refused({.file = ""}), HasSubstr("'' cannot be read"));
  EXPECT_THAT(refused({.environment = {"GODWIT_AMQP_PROT=1"}}),
              HasSubstr("GODWIT_AMQP_PROT is no setting's name; did you mean GODWIT_AMQP_PORT?"));
  EXPECT_THAT(refused({.environment = {"GODWIT_KAFKA_RETENTION=1"}}),
              HasSubstr("did you mean GODWIT_KAFKA_RETENTION_MS?"));
  EXPECT_THAT(refused({.environment = {"GODWIT_STORAGE_DIRECTORY="}}), HasSubstr("not empty"));
  EXPECT_THAT(refused({.environment = {"GODWIT_AMQP_PORT=x"}}), HasSubstr("environment, GODWIT_AMQP_PORT"));
  EXPECT_THAT(refused({.set = {"amqp.port"}}), HasSubstr("name=value"));
  EXPECT_THAT(refused({.set = {"amqp.port=x"}}), HasSubstr("--set"));
}

TEST_F(LoadConfig, AFileMayBeEmptyOrAPipe) {
  EXPECT_TRUE(load_config({.file = file("")}));
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  ASSERT_EQ(::write(pipe[1], "amqp.port = 7", 13), 13);
  ::close(pipe[1]);
  auto config = load_config({.file = "/dev/fd/" + std::to_string(pipe[0])});
  ::close(pipe[0]);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->amqp_port, Port{7});
}

TEST_F(LoadConfig, VariablesOfOthersAreLeftAlone) {
  EXPECT_TRUE(load_config({.environment = {"GODWIT_URL=http://localhost", "GODWIT_BIN=/x"}}));
}

}  // namespace
}  // namespace godwit::server
