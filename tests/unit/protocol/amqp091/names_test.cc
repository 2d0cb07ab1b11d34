#include "protocol/amqp091/names.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

TEST(NameSource, NamesArePrefixAndTwentyTwoDigits) {
  NameSource names(1, 2);
  std::string name = names.next("amq.gen-");
  EXPECT_EQ(name.size(), 8u + 22u);
  EXPECT_TRUE(name.starts_with("amq.gen-"));
  EXPECT_TRUE(std::ranges::all_of(name.substr(8), [](char c) { return std::isalnum(c) || c == '-' || c == '_'; }));
}

TEST(NameSource, NoTwoAreTheSame) {
  std::set<std::string> seen;
  size_t made = 0;
  for (uint64_t seed : {0, 1, 2})
    for (uint64_t session = 0; session < 20; ++session) {
      NameSource names(seed, session);
      for (int i = 0; i < 50; ++i, ++made) seen.insert(names.next(""));
    }
  EXPECT_EQ(seen.size(), made);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
