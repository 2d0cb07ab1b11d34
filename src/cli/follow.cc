#include "cli/follow.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/show.h"

namespace godwit::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// How long a request waits for a message at the broker when there is one partition to ask; several are asked in turn.
constexpr int64_t kWaitMs = 10'000;
constexpr std::chrono::milliseconds kPause{250};
/// Held at once, of all partitions together.
constexpr int64_t kMessagesMax = 100;

class Follower {
 public:
  Follower(Client& client, const Follow& what) : client_(client), what_(what) {}

  int run() {
    if (!find_partitions()) return client_.exit_code();
    while (what_.count == 0 || shown_ < what_.count) {
      if (!read_on() || !show_merged()) return client_.exit_code();
      if (std::ranges::all_of(parts_, &Part::ended)) return kDone;
      if (std::ranges::none_of(parts_, &Part::holds)) std::this_thread::sleep_until(next_question());
    }
    return kDone;
  }

 private:
  struct Part {
    int64_t partition = 0;
    std::string from;
    json::array messages;  ///< read and not shown, newest first
    Clock::time_point ask_at{};
    bool ended = false;

    bool holds() const { return !messages.empty(); }
    int64_t oldest_ms() const {
      const json::value* ms =
          messages.back().is_object() ? messages.back().as_object().if_contains("append_ms") : nullptr;
      return ms != nullptr && ms->is_int64() ? ms->as_int64() : 0;
    }
  };

  bool find_partitions() {
    if (what_.partition) return parts_.push_back({.partition = *what_.partition, .from = what_.from}), true;
    json::value topic;
    if (!client_.get("/api/topics/" + url_encode(what_.topic), topic)) return false;
    const json::array* offsets = client_.list(topic, "offsets");
    if (offsets == nullptr) return false;
    for (const json::value& of : *offsets) {
      if (!client_.has_number(of, "partition")) return false;
      parts_.push_back({.partition = of.at("partition").to_number<int64_t>(), .from = what_.from});
    }
    bool is_offset = !what_.from.empty() && what_.from.find_first_not_of("0123456789") == std::string::npos;
    if (parts_.size() <= 1 || !is_offset) return true;
    return client_.report(kUsage, fmt::format("--from {} is an offset of one partition, and topic '{}' has {}: give "
                                              "--partition as well",
                                              what_.from, what_.topic, parts_.size()));
  }

  /// Asks for more of every partition of which nothing is left to show, as far as it may have more.
  bool read_on() {
    for (Part& part : parts_)
      while (!part.holds() && !part.ended && Clock::now() >= part.ask_at)
        if (!read_on(part)) return false;
    return true;
  }

  /// A part of the log may hold nothing to show, such as the marks of transactions.
  bool read_on(Part& part) {
    auto several = static_cast<int64_t>(parts_.size());
    int64_t max = std::max<int64_t>(1, kMessagesMax / several);
    if (what_.count != 0) max = std::min(max, what_.count - shown_);
    int64_t wait = what_.once || several > 1 ? 0 : kWaitMs;
    std::string target = fmt::format("/api/topics/{}/partitions/{}/messages?offset={}&max={}&wait_ms={}",
                                     url_encode(what_.topic), part.partition, url_encode(part.from), max, wait);
    Clock::time_point asked = Clock::now();
    json::value reply;
    if (!client_.ask("GET", target, {}, reply, wait)) return false;
    if (client_.list(reply, "messages") == nullptr || !client_.has_number(reply, "next")) return false;
    part.messages = std::move(reply.as_object().at("messages").as_array());
    std::reverse(part.messages.begin(), part.messages.end());
    std::string next = cell(reply, "next");
    bool no_more = !part.holds() && next == part.from;
    part.from = std::move(next);
    part.ended = no_more && what_.once;
    if (no_more) part.ask_at = asked + kPause;
    return true;
  }

  /// In the order of append, until a partition runs out that may have more which is older than what the others hold.
  bool show_merged() {
    while (std::ranges::any_of(parts_, &Part::holds) && (what_.count == 0 || shown_ < what_.count)) {
      Part& part = *std::ranges::min_element(
          parts_, {}, [](const Part& p) { return std::pair(!p.holds(), p.holds() ? p.oldest_ms() : 0); });
      show_oldest(part);
      if (!part.holds()) break;
    }
    return flush(client_);
  }

  void show_oldest(Part& part) {
    json::value& message = part.messages.back();
    std::string place = cell(message, "offset");
    if (parts_.size() > 1) place = fmt::format("{}:{}", part.partition, place);
    if (message.is_object()) message.as_object().emplace("partition", part.partition);
    print_message(client_, message, place);
    part.messages.pop_back();
    ++shown_;
  }

  Clock::time_point next_question() const { return std::ranges::min(parts_, {}, &Part::ask_at).ask_at; }

  Client& client_;
  const Follow& what_;
  std::vector<Part> parts_;
  int64_t shown_ = 0;
};

}  // namespace

int follow(Client& client, const Follow& what) { return Follower(client, what).run(); }

}  // namespace godwit::cli
