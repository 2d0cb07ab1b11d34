#include "protocol/kafka/wire/encoder.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/wire/printer.h"

namespace godwit::protocol::kafka {
namespace {

/// Fills every field a version has with a value of its own; optional ones in every other place.
class Filler {
 public:
  explicit Filler(int16_t version) : version_(version) {}
  template <class T>
  void operator()(std::string_view, T& v, wire::Versions when = {}) {
    if (when.has(version_)) put(v);
  }

 private:
  void put(bool& v) { v = ++next_ % 2; }
  template <std::integral T>
    requires(!std::is_same_v<T, bool>)
  void put(T& v) {
    v = static_cast<T>(++next_);
  }
  void put(wire::Uuid& v) { v.bytes.fill(static_cast<uint8_t>(++next_)); }
  void put(std::string& v) { v = "text " + std::to_string(++next_); }
  void put(ByteVec& v) { v = {1, 2, static_cast<uint8_t>(++next_)}; }
  void put(wire::RecordsView& v) { v = as_bytes("records"); }
  void put(wire::Records& v) { v.add({.head = {7, 8, 9}, .head_bytes = 3, .rest = Slice::copy(as_bytes("rest"))}); }
  template <class T>
  void put(std::vector<T>& v) {
    v.resize(2);
    for (T& e : v) put(e);
  }
  template <class T>
  void put(std::optional<T>& v) {
    if (++next_ % 3) put(v.emplace());
  }
  template <class T>
    requires(requires(T& t, Filler& f) { t.fields(f); })
  void put(T& v) {
    v.fields(*this);
  }

  int16_t version_;
  int next_ = 0;
};

ByteVec flat(const wire::Encoded& encoded) {
  ByteVec out;
  size_t at = 0;
  auto until = [&](size_t end) {
    out.insert(out.end(), encoded.bytes.begin() + static_cast<ptrdiff_t>(at),
               encoded.bytes.begin() + static_cast<ptrdiff_t>(end));
    at = end;
  };
  for (const auto& insert : encoded.inserts) {
    until(insert.at);
    out.insert(out.end(), insert.slice.view().begin(), insert.slice.view().end());
  }
  until(encoded.bytes.size());
  return out;
}

template <class T>
ByteVec encode(const T& message, int16_t version, bool flexible) {
  wire::Encoded out;
  wire::Encoder(out, version, flexible).message(message);
  EXPECT_EQ(flat(out).size(), out.size());
  return flat(out);
}

template <class T>
void round_trip(const wire::Api& api, int16_t version) {
  SCOPED_TRACE(std::string(api.name) + " version " + std::to_string(version));
  bool flexible = api.is_flexible(version);
  T message;
  Filler filler(version);
  message.fields(filler);
  ByteVec bytes = encode(message, version, flexible);
  T back;
  Reader in(bytes);
  ASSERT_TRUE(wire::decode(in, version, flexible, back));
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(encode(back, version, flexible), bytes);
  EXPECT_EQ(wire::print(back, version), wire::print(message, version));
  for (size_t n = 0; n < bytes.size(); ++n) {
    Reader cut(ByteView(bytes).first(n));
    T partial;
    EXPECT_FALSE(wire::decode(cut, version, flexible, partial)) << "of its first " << n << " bytes";
  }
}

template <class... Request>
void round_trip_all() {
  auto versions = []<class R>(R*) {
    for (int16_t v = R::kApi.first; v <= R::kApi.last; ++v) {
      round_trip<R>(R::kApi, v);
      round_trip<typename R::Response>(R::kApi, v);
    }
  };
  (versions(static_cast<Request*>(nullptr)), ...);
}

TEST(Encoder, EveryMessageReadsBackAtEveryVersion) {
  round_trip_all<ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, OffsetCommitRequest,
                 OffsetFetchRequest, FindCoordinatorRequest, JoinGroupRequest, HeartbeatRequest, LeaveGroupRequest,
                 SyncGroupRequest, DescribeGroupsRequest, ListGroupsRequest, SaslHandshakeRequest, ApiVersionsRequest,
                 CreateTopicsRequest, DeleteTopicsRequest, DeleteRecordsRequest, InitProducerIdRequest,
                 OffsetForLeaderEpochRequest, DescribeConfigsRequest, AlterConfigsRequest, SaslAuthenticateRequest,
                 CreatePartitionsRequest, DeleteGroupsRequest, IncrementalAlterConfigsRequest, OffsetDeleteRequest,
                 DescribeClusterRequest>();
}

std::string hex(ByteView bytes) {
  std::string out;
  for (uint8_t b : bytes) out += fmt::format("{:02x}", b);
  return out;
}

TEST(Encoder, ANonFlexibleRequestByteForByte) {
  FetchRequest fetch;
  fetch.replica_id = -1;
  fetch.max_wait_ms = 500;
  fetch.bytes_min = 1;
  fetch.bytes_max = 0x100000;
  fetch.isolation_level = 1;
  auto& topic = fetch.topics.emplace_back();
  topic.name = "ab";
  topic.partitions.push_back({.index = 3, .offset = 9, .bytes_max = 0x1000});
  EXPECT_EQ(hex(encode(fetch, 4, false)),
            "ffffffff"
            "000001f4"
            "00000001"
            "00100000"
            "01"  // replica, wait, min, max, isolation
            "00000001"
            "00026162"  // one topic "ab"
            "00000001"
            "00000003"
            "0000000000000009"
            "00001000");
}

TEST(Encoder, AFlexibleRequestByteForByte) {
  MetadataRequest metadata;
  metadata.topics.emplace().push_back({.id = {}, .name = "ab"});
  EXPECT_EQ(hex(encode(metadata, 12, true)),
            "02"
            "00000000000000000000000000000000"
            "036162"
            "00"  // one topic: id, name, no tags
            "01"
            "00"
            "00");  // auto-creation, operations, no tags
  metadata.topics.reset();
  EXPECT_EQ(hex(encode(metadata, 12, true)),
            "00"
            "01"
            "00"
            "00");
}

TEST(Encoder, ResponsesByteForByte) {
  HeartbeatResponse beat{.throttle_ms = 7, .error = 27};
  EXPECT_EQ(hex(encode(beat, 0, false)), "001b");
  EXPECT_EQ(hex(encode(beat, 4, true)),
            "00000007"
            "001b"
            "00");
  ApiVersionsResponse versions;
  versions.apis.push_back({18, 0, 4});
  EXPECT_EQ(hex(encode(versions, 3, true)),
            "0000"
            "02"
            "0012"
            "0000"
            "0004"
            "00"
            "00000000"
            "00");
}

}  // namespace
}  // namespace godwit::protocol::kafka
