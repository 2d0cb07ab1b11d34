#include "protocol/kafka/session.h"

#include <utility>

#include <fmt/format.h>

#include "base/codec.h"
#include "base/limits.h"
#include "protocol/kafka/apis.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/messages/connection.h"
#include "protocol/kafka/messages/produce.h"
#include "protocol/kafka/wire/decoder.h"

namespace godwit::protocol::kafka {
namespace {

constexpr size_t kLengthBytes = 4;

/// Request head 1, and head 2 with its tagged fields where the API is flexible at that version.
bool read_header(Reader& in, RequestHeader& header) {
  header.key = in.be<int16_t>();
  header.version = in.be<int16_t>();
  header.correlation_id = in.be<int32_t>();
  int16_t client_id = in.be<int16_t>();
  if (client_id >= 0) header.client_id = in.string(static_cast<size_t>(client_id));
  const ServedApi* served = find_api(header.key);
  if (served && served->api.serves(header.version) && served->api.is_flexible(header.version)) wire::skip_tags(in);
  return in.ok();
}

bool leads_to_signing_in(int16_t key) {
  return key == ApiVersionsRequest::kApi.key || key == SaslHandshakeRequest::kApi.key ||
         key == SaslAuthenticateRequest::kApi.key;
}

/// A client that asks in a version from the future is told, in the layout every client knows, what to ask instead.
wire::Encoded unknown_api_versions(int32_t correlation_id) {
  const wire::Api& api = ApiVersionsRequest::kApi;
  ApiVersionsResponse response;
  response.error = error::kUnsupportedVersion;
  response.apis.push_back({api.key, api.first, api.last});
  return encode_answer(api, 0, correlation_id, response);
}

}  // namespace

Session::Session(broker::SessionHost& host, std::shared_ptr<const Settings> settings, std::string peer,
                 bool guest_allowed)
    : host_(host), settings_(std::move(settings)), peer_(std::move(peer)), guest_allowed_(guest_allowed) {
  signed_in_ = guest_allowed_ && !settings_->anonymous_user.empty();
  if (signed_in_) host_.set_principal({.user = settings_->anonymous_user, .admin = true});
}

size_t Session::on_bytes(ByteView in) {
  size_t taken = 0;
  while (!closed_ && !paused()) {
    Reader reader(in.subspan(taken));
    int32_t length = reader.be<int32_t>();
    if (!reader.ok()) {
      wanted_ = kLengthBytes;
      break;
    }
    if (length < 0 || static_cast<size_t>(length) > settings_->frame_bytes_max()) {
      close(fmt::format("a request of {} bytes: too large, or another protocol", length));
      return in.size();
    }
    wanted_ = kLengthBytes + static_cast<size_t>(length);
    ByteView frame = reader.bytes(static_cast<size_t>(length));
    if (!reader.ok()) break;
    if (must_wait(stalled_.emplace(Reader(frame).be<int16_t>()))) break;
    stalled_.reset();
    taken += wanted_;
    if (!on_frame(frame)) return in.size();
  }
  return taken;
}

bool Session::on_frame(ByteView frame) {
  Reader in(frame);
  RequestHeader header;
  if (!read_header(in, header)) return close_on_frame("a malformed request header");
  uint64_t slot = first_slot_ + slots_.size();
  slots_.push_back({.request_bytes = frame.size(), .is_produce = header.key == ProduceRequest::kApi.key});
  in_flight_bytes_ += frame.size();
  const ServedApi* served = find_api(header.key);
  if (served && !served->api.serves(header.version) && header.key == ApiVersionsRequest::kApi.key) {
    finish(slot, unknown_api_versions(header.correlation_id));
    return true;
  }
  if (!signed_in_ && !leads_to_signing_in(header.key))
    return close_on_frame(
        fmt::format("API {} before a login: 'guest' may only connect from the broker's machine "
                    "without one",
                    header.key));
  int16_t version = header.version;
  if (!served || !served->api.serves(version))
    return close_on_frame(fmt::format("API {} in version {} is not served", header.key, version));
  if (!served->handle(*this, slot, std::move(header), in))
    return close_on_frame(fmt::format("a malformed request of API {} in version {}", served->api.key, version));
  return !closed_;
}

bool Session::must_wait(int16_t key) const {
  if (key != ProduceRequest::kApi.key) return !slots_.empty();
  return publishers_blocked_ || (!slots_.empty() && !slots_.front().is_produce);
}

void Session::on_notice(broker::Notice notice) {
  if (auto* blocked = std::get_if<broker::PublishersBlocked>(&notice)) publishers_blocked_ = blocked->blocked;
}

size_t Session::answer_bytes_max() const { return host_.grant(settings_->fetch_bytes_max, kColdReadBytesMin); }

bool Session::paused() const {
  return (stalled_ && must_wait(*stalled_)) || slots_.size() >= kSessionRequestsMax ||
         in_flight_bytes_ >= kKafkaInFlightBytesMax || host_.output_full() ||
         answers_bytes_ >= host_.grant(kSessionOutputBytesMax, kSessionOutputBytesMin);
}

void Session::finish(uint64_t slot, wire::Encoded answer) {
  if (closed_) return;
  Slot& finished = slots_[slot - first_slot_];
  finished.done = true;
  finished.answer = std::move(answer);
  answers_bytes_ += finished.answer.size();
  while (!slots_.empty() && slots_.front().done) {
    send(slots_.front().answer);
    answers_bytes_ -= slots_.front().answer.size();
    in_flight_bytes_ -= slots_.front().request_bytes;
    slots_.pop_front();
    ++first_slot_;
  }
}

void Session::send(const wire::Encoded& answer) {
  broker::Output& output = host_.output();
  size_t at = 0;
  auto copy_until = [&](size_t end) {
    ByteView part = ByteView(answer.bytes).subspan(at, end - at);
    output.buffer().insert(output.buffer().end(), part.begin(), part.end());
    at = end;
  };
  for (const wire::Encoded::Insert& insert : answer.inserts) {
    copy_until(insert.at);
    output.share(insert.slice);
  }
  copy_until(answer.bytes.size());
}

void Session::close(std::string reason) {
  if (closed_) return;
  close_reason_ = std::move(reason);
  on_closed();
  host_.close();
}

void Session::on_closed() {
  closed_ = true;
  calls_.clear();
  slots_.clear();
}

void Session::set_user(std::string user) {
  user_ = std::move(user);
  signed_in_ = true;
  host_.set_principal({.user = user_, .admin = true});
}

std::string Session::describe() const {
  std::string text = "kafka";
  if (!client_.empty()) text += " " + client_;
  if (!user_.empty()) text += " as " + user_;
  return text;
}

}  // namespace godwit::protocol::kafka
