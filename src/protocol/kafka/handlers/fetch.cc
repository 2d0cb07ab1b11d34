#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/kafka_records.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

constexpr int16_t kIdsSince = 13;
constexpr int16_t kZstdSince = 10;
constexpr int8_t kReadCommitted = 1;
/// However long a client is ready to wait: the longest that they ask for by themselves is half a minute.
constexpr int32_t kWaitMsMax = 300'000;

/// One partition of a fetch.
struct Reading {
  PartitionId partition;
  Offset from;
  uint32_t bytes_max = 0;
  FetchResponse::Partition* answer = nullptr;
  std::vector<model::Batch> batches;
  int32_t leader_epoch = 0;  ///< of the batches
  Offset end;
};

/// A fetch under way: reads every partition, and while there is less than the client wants, waits for more and reads
/// those again that had nothing. The budget counts what is read and what reads under way may bring.
class FetchRun : public std::enable_shared_from_this<FetchRun> {
 public:
  explicit FetchRun(Call<FetchRequest> call);
  void start();

 private:
  void add(const model::TopicInfo* topic, const FetchRequest::Partition& asked, FetchResponse::Partition& answer);
  void read();
  void issue(Reading& reading);
  void have(Reading& reading, uint32_t reserved, Result<model::Fetched> fetched);
  void keep(Reading& reading, model::Fetched fetched);
  void all_read();
  void finish();
  void end_known();
  void wait();
  void waited(size_t round, Offset beyond, Result<model::DataAwaited> awaited);
  void answer();
  void fill(Reading& reading);
  bool over() const { return session_.now().boot_ms >= deadline_boot_ms_; }

  Call<FetchRequest> call_;
  Session& session_;
  FetchResponse response_;
  std::vector<Reading> readings_;
  const size_t bytes_max_;
  const int64_t deadline_boot_ms_;
  size_t bytes_read_ = 0;
  size_t bytes_reserved_ = 0;
  std::vector<size_t> to_read_;  ///< indices into readings_, the next one last
  size_t reads_open_ = 0;
  size_t waits_open_ = 0;
  size_t round_ = 0;  ///< replies of earlier rounds of waiting are stale
  bool failed_ = false;
};

FetchRun::FetchRun(Call<FetchRequest> call)
    : call_(std::move(call)),
      session_(*call_.session),
      bytes_max_(
          std::min<size_t>(static_cast<size_t>(std::max(call_.request.bytes_max, 1)), session_.answer_bytes_max())),
      deadline_boot_ms_(session_.now().boot_ms + std::clamp(call_.request.max_wait_ms, 0, kWaitMsMax)) {}

void FetchRun::start() {
  const FetchRequest& request = call_.request;
  for (const auto& topic : request.topics) {
    auto& answer = response_.topics.emplace_back();
    answer.name = topic.name;
    answer.id = topic.id;
    for (const auto& partition : topic.partitions) answer.partitions.push_back({.index = partition.index});
  }
  for (size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    const model::TopicInfo* info = find_topic(session_.catalog(), call_.version() >= kIdsSince, topic.id, topic.name);
    for (size_t p = 0; p < topic.partitions.size(); ++p)
      add(info, topic.partitions[p], response_.topics[t].partitions[p]);
  }
  read();
}

void FetchRun::add(const model::TopicInfo* topic, const FetchRequest::Partition& asked,
                   FetchResponse::Partition& answer) {
  std::optional<PartitionId> id = partition_of(topic, asked.index);
  if (!id) {
    bool by_id = call_.version() >= kIdsSince && !topic;
    answer.error = by_id ? error::kUnknownTopicId : error::kUnknownTopicOrPartition;
  } else if (answer.error = leader_epoch_error(asked.current_leader_epoch, session_.settings().leader_epoch);
             answer.error == error::kNone) {
    readings_.push_back({.partition = *id,
                         .from = Offset(asked.offset),
                         .bytes_max = static_cast<uint32_t>(std::max(asked.bytes_max, 1)),
                         .answer = &answer});
    return;
  }
  failed_ = true;
}

void FetchRun::read() {
  to_read_.clear();
  for (size_t i = readings_.size(); i-- > 0;)
    if (readings_[i].batches.empty() && readings_[i].answer->error == error::kNone) to_read_.push_back(i);
  ++reads_open_;  // ours: replies must not find the last read done while reads are still being sent
  while (!to_read_.empty() && bytes_read_ + bytes_reserved_ < bytes_max_) {
    size_t next = to_read_.back();
    to_read_.pop_back();
    issue(readings_[next]);
  }
  if (--reads_open_ == 0) all_read();
}

void FetchRun::issue(Reading& reading) {
  size_t left = bytes_max_ - bytes_read_ - bytes_reserved_;
  auto reserved = static_cast<uint32_t>(std::min<size_t>(reading.bytes_max, left));
  bytes_reserved_ += reserved;
  ++reads_open_;
  session_.submit(model::Fetch{reading.partition, reading.from, reserved, true},
                  [run = shared_from_this(), &reading, reserved](Result<model::Fetched> fetched) {
                    run->have(reading, reserved, std::move(fetched));
                  });
}

void FetchRun::have(Reading& reading, uint32_t reserved, Result<model::Fetched> fetched) {
  bytes_reserved_ -= reserved;
  if (fetched) {
    keep(reading, std::move(*fetched));
  } else {
    reading.answer->error = kafka_error(fetched.error().code, Subject::kPartition);
    failed_ = true;
  }
  while (!to_read_.empty() && bytes_read_ + bytes_reserved_ < bytes_max_) {
    size_t next = to_read_.back();
    to_read_.pop_back();
    issue(readings_[next]);
  }
  if (--reads_open_ == 0) all_read();
}

void FetchRun::keep(Reading& reading, model::Fetched fetched) {
  reading.end = fetched.end;
  reading.answer->high_watermark = fetched.end.value;
  reading.answer->last_stable_offset = fetched.last_stable.value;
  reading.answer->log_start_offset = fetched.log_start.value;
  if (call_.request.isolation_level == kReadCommitted)
    std::erase_if(fetched.batches, [&](const model::Batch& b) { return b.base_offset() >= fetched.last_stable; });
  size_t bytes = 0;
  for (const model::Batch& batch : fetched.batches) bytes += batch.payload.size();
  // The first partition with messages gets one batch whatever its size; later ones must fit.
  if (bytes_read_ > 0 && bytes_read_ + bytes > bytes_max_) return;
  bytes_read_ += bytes;
  reading.batches = std::move(fetched.batches);
  reading.leader_epoch = fetched.leader_epoch;
}

void FetchRun::all_read() {
  bool enough = bytes_read_ >= static_cast<size_t>(std::max(call_.request.bytes_min, 0)) || bytes_read_ >= bytes_max_;
  if (enough || failed_ || readings_.empty() || over()) return finish();
  wait();
}

/// Partitions for which the answer had no room left are told their ends all the same: consumers count by them how far
/// behind they are.
void FetchRun::finish() {
  ++reads_open_;
  for (size_t i : std::exchange(to_read_, {})) {
    ++reads_open_;
    session_.submit(model::FindOffset{readings_[i].partition, model::FindOffset::At::kEnd},
                    [run = shared_from_this(), &answer = *readings_[i].answer](Result<model::OffsetFound> end) {
                      if (end && end->offset) answer.high_watermark = answer.last_stable_offset = end->offset->value;
                      run->end_known();
                    });
  }
  end_known();
}

void FetchRun::end_known() {
  if (--reads_open_ == 0) answer();
}

void FetchRun::wait() {
  size_t round = ++round_;
  for (Reading& reading : readings_) {
    if (!reading.batches.empty()) continue;
    ++waits_open_;
    session_.submit(model::AwaitData{reading.partition, reading.end, deadline_boot_ms_},
                    [run = shared_from_this(), round, beyond = reading.end](Result<model::DataAwaited> awaited) {
                      run->waited(round, beyond, std::move(awaited));
                    });
  }
  if (waits_open_ == 0) finish();
}

void FetchRun::waited(size_t round, Offset beyond, Result<model::DataAwaited> awaited) {
  if (round != round_) return;
  --waits_open_;
  bool news = !awaited || awaited->end > beyond;
  // Without news the time is over, or a later fetch of this connection waits in this one's place.
  if (!news && waits_open_ > 0) return;
  ++round_;
  waits_open_ = 0;
  if (news)
    read();
  else
    finish();
}

void FetchRun::answer() {
  for (Reading& reading : readings_) fill(reading);
  call_.reply(response_);
  // Replies to waits that are still open may keep this object for long.
  response_ = {};
  readings_.clear();
}

void FetchRun::fill(Reading& reading) {
  for (const model::Batch& batch : reading.batches) {
    Result<Slice> bytes = session_.converted().get(reading.partition, batch);
    if (!bytes) {
      if (reading.answer->records.parts.empty()) reading.answer->error = error::kCorruptMessage;
      return;
    }
    wire::Records::Part part = records_part(batch, *bytes, reading.leader_epoch);
    bool zstd =
        (part.head[model::KafkaBatchHeader::kAttributesAt + 1] & 7) == static_cast<uint8_t>(model::Compression::kZstd);
    if (zstd && call_.version() < kZstdSince) {
      if (reading.answer->records.parts.empty()) reading.answer->error = error::kUnsupportedCompressionType;
      return;
    }
    reading.answer->records.add(std::move(part));
  }
}

}  // namespace

/// Fetch sessions are optional, and not offered: every answer has session id 0, so clients name all partitions each
/// time.
void handle_fetch(Call<FetchRequest> call) {
  constexpr int16_t kFetchSessionIdNotFound = 70;
  if (call.request.session_id != 0) {
    FetchResponse response;
    response.error = kFetchSessionIdNotFound;
    return call.reply(response);
  }
  std::make_shared<FetchRun>(std::move(call))->start();
}

}  // namespace godwit::protocol::kafka
