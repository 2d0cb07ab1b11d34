#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "admin/http_session.h"
#include "fake_node.h"
#include "support/fake_host.h"

namespace godwit::admin {

namespace json = boost::json;

/// A client of the API without sockets, and the broker behind it, played by the test.
class ApiTest : public testing::Test {
 protected:
  struct Answer {
    unsigned status = 0;  ///< 0: none yet
    std::string text;
    json::value body;

    std::string_view error() const { return body.as_object().at("error").as_string(); }
    std::string_view message() const { return body.as_object().at("message").as_string(); }
    const json::value& operator[](std::string_view member) const { return body.as_object().at(member); }
  };

  /// Sends one request. Returns its answer, unless that waits for the broker.
  Answer ask(std::string_view method, std::string_view target, std::string_view body = "") {
    std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}", method,
                                      target, body.size(), body);
    EXPECT_EQ(session_.on_bytes(as_bytes(request)), request.size());
    return answer();
  }
  /// What was answered since the last call. A body that is not JSON is only text.
  Answer answer() {
    ByteVec bytes = host_.sent();
    std::string_view all = as_string(bytes);
    Answer answer;
    if (all.size() < 12) return answer;
    answer.status = static_cast<unsigned>(std::stoi(std::string(all.substr(9, 3))));
    answer.text = all.substr(all.find("\r\n\r\n") + 4);
    boost::system::error_code error;
    answer.body = json::parse(answer.text, error);
    return answer;
  }
  template <class C>
  C take() {
    auto taken = host_.take<C>();
    EXPECT_TRUE(taken) << "another command, or none: " << host_.submitted.size() << " waiting";
    if (!taken) return C{};
    last_ = taken->first;
    return std::move(taken->second);
  }
  /// Answers the command taken last.
  Answer reply(broker::Reply reply) {
    session_.on_reply(last_, std::move(reply));
    return answer();
  }
  void expect_refused(std::string_view method, std::string_view target, std::string_view body, unsigned status = 400) {
    Answer refused = ask(method, target, body);
    EXPECT_EQ(refused.status, status) << method << " " << target << " " << body << ": " << refused.text;
    EXPECT_TRUE(host_.submitted.empty()) << body;
    host_.submitted.clear();
  }
  LedgerId add_queue(const std::string& name, uint32_t partitions = 1) {
    model::TopicInfo& topic = host_.names.add_topic(name, partitions);
    model::QueueInfo& queue = host_.names.add_queue(name, topic.id);
    return {queue.id, {topic.id, 0}};
  }

  test::FakeHost host_;
  FakeNode node_;
  HttpSession session_{host_, node_, {}};
  broker::RequestId last_ = 0;
};

}  // namespace godwit::admin
