#include "base/fields.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

struct Inner {
  std::string name;
  int64_t number = 0;
  bool operator==(const Inner&) const = default;
  template <class F>
  void fields(F& f) {
    f(name)(number);
  }
};

struct Outer {
  QueueId id;
  std::vector<Inner> inner;
  std::map<std::string, std::string> config;
  std::optional<Offset> offset;
  std::variant<std::monostate, bool, double, Inner> choice;
  std::string added = "default";
  bool operator==(const Outer&) const = default;
  template <class F>
  void fields(F& f) {
    f(id)(inner)(config)(offset)(choice).since(2)(added);
  }
};

Outer sample() { return Outer{QueueId(900), {{"a", -5}, {"b", 7}}, {{"k", "v"}}, Offset(-1), Inner{"c", 1}, "later"}; }

TEST(Fields, ReadBackWhatWasWritten) {
  ByteVec bytes;
  encode_fields(sample(), bytes);
  Reader in(bytes);
  Outer read;
  ASSERT_TRUE(decode_fields(in, 2, read));
  EXPECT_EQ(read, sample());
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(Fields, OlderBytesLeaveNewMembersAtTheirDefault) {
  Outer old = sample();
  old.added = "";
  ByteVec bytes;
  encode_fields(old, bytes);
  bytes.pop_back();  // the empty string of `added`, which version 1 did not write
  Reader in(bytes);
  Outer read;
  ASSERT_TRUE(decode_fields(in, 1, read));
  EXPECT_EQ(read.added, "default");
}

TEST(Fields, EveryTruncationIsRefused) {
  ByteVec bytes;
  encode_fields(sample(), bytes);
  for (size_t n = 0; n < bytes.size(); ++n) {
    Reader in(ByteView(bytes).first(n));
    Outer read;
    EXPECT_FALSE(decode_fields(in, 2, read)) << n;
  }
}

TEST(Fields, ACountBeyondTheBytesReservesNothing) {
  ByteVec bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
  Reader in(bytes);
  std::vector<Inner> read;
  EXPECT_FALSE(decode_fields(in, 1, read));
  EXPECT_EQ(read.capacity(), 0u);
}

}  // namespace
}  // namespace godwit
