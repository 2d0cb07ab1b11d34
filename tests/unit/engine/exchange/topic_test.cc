#include "engine/exchange/topic.h"

#include <random>

#include "kind_fixture.h"

namespace godwit::engine::exchange {
namespace {

using TopicTest = KindFixture<Topic>;

using Words = std::vector<std::string>;

Words split(std::string_view key) {
  Words words;
  if (key.empty()) return words;
  for (size_t at = 0;;) {
    size_t dot = key.find('.', at);
    words.emplace_back(key.substr(at, dot - at));
    if (dot == std::string_view::npos) return words;
    at = dot + 1;
  }
}

/// The definition, word by word, with no trie.
bool naive(const Words& pattern, size_t p, const Words& key, size_t k) {
  if (p == pattern.size()) return k == key.size();
  if (pattern[p] == "#") return naive(pattern, p + 1, key, k) || (k < key.size() && naive(pattern, p, key, k + 1));
  return k < key.size() && (pattern[p] == "*" || pattern[p] == key[k]) && naive(pattern, p + 1, key, k + 1);
}

TEST_F(TopicTest, StarIsOneWord) {
  bind(1, "a.*.c");
  bind(2, "*");
  EXPECT_EQ(match("a.b.c"), Numbers{1});
  EXPECT_EQ(match("a..c"), Numbers{1});
  EXPECT_EQ(match("a.c"), Numbers());
  EXPECT_EQ(match("a.b.b.c"), Numbers());
  EXPECT_EQ(match("x"), Numbers{2});
  EXPECT_EQ(match(""), Numbers());
}

TEST_F(TopicTest, HashIsAnyNumberOfWords) {
  bind(1, "#");
  bind(2, "a.#");
  bind(3, "a.#.z");
  bind(4, "#.#");
  EXPECT_EQ(match(""), (Numbers{1, 4}));
  EXPECT_EQ(match("a"), (Numbers{1, 2, 4}));
  EXPECT_EQ(match("a.z"), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(match("a.b.c.z"), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(match("b.z"), (Numbers{1, 4}));
}

TEST_F(TopicTest, WildcardsInsideAWordAreLetters) {
  bind(1, "a*.b#");
  EXPECT_EQ(match("a*.b#"), Numbers{1});
  EXPECT_EQ(match("ax.bx"), Numbers());
}

TEST_F(TopicTest, AHostilePatternCostsNoMoreThanItsLength) {
  std::string pattern = "#", key = "a";
  for (int i = 0; i < 60; ++i) pattern += ".a.#";
  for (int i = 0; i < 126; ++i) key += ".a";
  bind(1, pattern + ".b");
  bind(2, pattern);
  EXPECT_EQ(match(key), Numbers{2});
}

TEST_F(TopicTest, AgreesWithTheDefinitionOnRandomPatterns) {
  std::minstd_rand random(7);
  auto words = [&](const std::vector<std::string>& alphabet) {
    std::string text;
    for (unsigned n = static_cast<unsigned>(random() % 6), i = 0; i < n; ++i)
      text += (i ? "." : "") + alphabet[random() % alphabet.size()];
    return text;
  };
  std::vector<std::pair<uint64_t, std::string>> bound;
  for (uint64_t next = 1; next <= 3000; ++next) {
    if (bound.size() > 60) {
      size_t victim = random() % bound.size();
      unbind(bound[victim].first, bound[victim].second);
      bound.erase(bound.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    bound.emplace_back(next, words({"a", "b", "", "*", "#"}));
    bind(bound.back().first, bound.back().second);
    std::string key = words({"a", "b", "c", ""});
    Numbers expected;
    for (const auto& [target, pattern] : bound)
      if (naive(split(pattern), 0, split(key), 0)) expected.push_back(target);
    ASSERT_EQ(match(key), expected) << "key " << key;
  }
  for (const auto& [target, pattern] : bound) unbind(target, pattern);
  EXPECT_EQ(match("a.b"), Numbers());
}

}  // namespace
}  // namespace godwit::engine::exchange
