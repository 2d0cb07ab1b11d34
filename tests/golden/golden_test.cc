#include "golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace godwit {
namespace {

std::string to_hex(ByteView bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) text += fmt::format("{:02x}{}", bytes[i], i % 16 == 15 ? '\n' : ' ');
  if (!text.empty()) text.back() = '\n';
  return text;
}

}  // namespace

ByteVec golden(const std::string& name, ByteView written) {
  std::string path = fmt::format("{}/{}.hex", GODWIT_GOLDEN, name);
  if (!std::filesystem::exists(path) && std::getenv("GODWIT_WRITE_GOLDEN") != nullptr)
    std::ofstream(path) << to_hex(written);
  ByteVec bytes = golden(name);
  EXPECT_EQ(to_hex(bytes), to_hex(written)) << name << ": this release writes other bytes";
  return bytes;
}

ByteVec golden(const std::string& name) {
  std::ifstream in(fmt::format("{}/{}.hex", GODWIT_GOLDEN, name));
  EXPECT_TRUE(in) << name << " is missing";
  ByteVec bytes;
  std::string word;
  while (in >> word) bytes.push_back(static_cast<uint8_t>(std::stoul(word, nullptr, 16)));
  return bytes;
}

}  // namespace godwit
