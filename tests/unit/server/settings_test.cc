#include "server/settings.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::server {
namespace {

using ::testing::HasSubstr;

std::string refused(std::string_view name, std::string_view text) {
  Config config;
  auto assigned = assign(config, name, text);
  return assigned ? "accepted" : assigned.error().message;
}

TEST(Settings, NamesAreUniqueAndEveryDefaultReadsBack) {
  std::set<std::string_view> names;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    std::string text = value_text(Config{}, setting);
    Config config;
    if (setting.name == "kafka.advertised_host") continue;  // empty by default
    EXPECT_TRUE(assign(config, setting, text)) << setting.name << " = " << text;
    EXPECT_EQ(value_text(config, setting), text);
  }
}

TEST(Settings, PortsAreNumbersOrOff) {
  Config config;
  ASSERT_TRUE(assign(config, "amqp.port", "0"));
  EXPECT_EQ(config.amqp_port, Port{0});
  ASSERT_TRUE(assign(config, "amqp.port", "off"));
  EXPECT_EQ(config.amqp_port, Port{});
  EXPECT_THAT(refused("amqp.port", "65536"), HasSubstr("a port"));
  EXPECT_THAT(refused("amqp.port", "five"), HasSubstr("a port"));
}

TEST(Settings, PortsOfLaterProtocolsTakeOffOnly) {
  Config config;
  for (const char* name : {"sqs.port", "pubsub.port", "management.port", "servicebus.admin_port"}) {
    EXPECT_TRUE(assign(config, name, "off"));
    EXPECT_THAT(refused(name, "9324"), HasSubstr("not there yet"));
  }
}

TEST(Settings, SizesTakeUnits) {
  Config config;
  ASSERT_TRUE(assign(config, "memory.limit", "1GiB"));
  EXPECT_EQ(config.memory_limit.bytes, 1_GiB);
  ASSERT_TRUE(assign(config, "memory.limit", " 64 MiB "));
  EXPECT_EQ(config.memory_limit.bytes, 64_MiB);
  EXPECT_THAT(refused("memory.limit", "1KiB"), HasSubstr("from 16MiB"));
  EXPECT_THAT(refused("memory.limit", "99999999999999999999"), HasSubstr("a size"));
  EXPECT_THAT(refused("memory.limit", "17179869184GiB"), HasSubstr("a size"));
  EXPECT_THAT(refused("memory.limit", "MiB"), HasSubstr("a size"));
}

TEST(Settings, ListsChoicesAndFlags) {
  Config config;
  ASSERT_TRUE(assign(config, "bind", "0.0.0.0, ::"));
  EXPECT_EQ(config.bind, (std::vector<std::string>{"0.0.0.0", "::"}));
  EXPECT_THAT(refused("bind", ""), HasSubstr("separated by commas"));
  EXPECT_THAT(refused("bind", "::1,,::"), HasSubstr("separated by commas"));
  EXPECT_THAT(refused("bind", "127.0.0.1,localhost"), HasSubstr("IPv4 or IPv6 addresses"));
  EXPECT_THAT(refused("log.format", "xml"), HasSubstr("text or json"));
  EXPECT_THAT(refused("kafka.auto_create_topics", "yes"), HasSubstr("true or false"));
}

TEST(Settings, VhostsMayNameANamespace) {
  Config config;
  ASSERT_TRUE(assign(config, "amqp.vhosts", "/,orders,/live=default"));
  EXPECT_EQ(config.amqp_vhosts.size(), 3u);
  for (const char* wrong : {"a=b=c", "=b", "a=", "a=\x01"})
    EXPECT_THAT(refused("amqp.vhosts", wrong), HasSubstr("vhost=namespace")) << wrong;
}

TEST(Settings, AnUnknownNameGetsTheNearestOne) {
  EXPECT_THAT(refused("amqp.prot", "1"), HasSubstr("did you mean amqp.port?"));
  EXPECT_THAT(refused("nothing.like.it.at.all", "1"), HasSubstr("lists all"));
}

TEST(Settings, EnvironmentNames) {
  EXPECT_EQ(environment_name("storage.lazy_flush_ms"), "GODWIT_STORAGE_LAZY_FLUSH_MS");
}

TEST(Settings, TheReferencePageIsTheTable) {
  std::ifstream file(GODWIT_SOURCE_DIR "/docs/guide/configuration.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), settings_markdown()) << "run: godwit settings --markdown > docs/guide/configuration.md";
}

}  // namespace
}  // namespace godwit::server
