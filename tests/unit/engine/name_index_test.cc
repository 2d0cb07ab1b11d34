#include "engine/name_index.h"

#include <string>

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

struct Thing {
  std::string text;
  const std::string& name() const { return text; }
};

std::string listed(const NameIndex<Thing>& index) {
  std::string names;
  for (const Thing* thing : index.sorted()) names += thing->text + " ";
  return names;
}

TEST(NameIndex, FindsByName) {
  Thing a{"a"};
  NameIndex<Thing> index;
  EXPECT_EQ(index.find("a"), nullptr);
  index.add(&a);
  EXPECT_EQ(index.find("a"), &a);
  EXPECT_EQ(index.find("b"), nullptr);
  index.remove(&a);
  EXPECT_EQ(index.find("a"), nullptr);
}

TEST(NameIndex, ListsInOrderAfterEveryChange) {
  Thing a{"a"}, b{"b"}, c{"c"};
  NameIndex<Thing> index;
  EXPECT_EQ(listed(index), "");
  index.add(&c);
  index.add(&a);
  EXPECT_EQ(listed(index), "a c ");
  index.remove(&a);
  index.add(&b);
  EXPECT_EQ(listed(index), "b c ");
  index.remove(&b);
  index.remove(&c);
  EXPECT_EQ(listed(index), "");
}

}  // namespace
}  // namespace godwit::engine
