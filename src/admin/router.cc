#include "admin/router.h"

#include <array>

#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

using namespace handlers;  // NOLINT: the table below is nothing but these names

constexpr std::array kRoutes{
    Route{"GET", "/health/live", health_live, "The process answers."},
    Route{"GET", "/health/ready", health_ready, "Every listener is open, and the broker does not stop."},
    Route{"GET", "/health/alarms", health_alarms, "Publishers are let in."},
    Route{"GET", "/metrics", metrics, "Prometheus' text format."},
    Route{"GET", "/api/overview", overview, "Version, totals."},

    Route{"GET", "/api/topics", list_topics, "All topics."},
    Route{"GET", "/api/topics/{}", show_topic, "One topic with its partitions' offsets."},
    Route{"PUT", "/api/topics/{}", create_topic, "Create a topic."},
    Route{"DELETE", "/api/topics/{}", delete_topic, "Delete a topic."},
    Route{"POST", "/api/topics/{}/messages", publish_to_topic, "Append a message."},
    Route{"GET", "/api/topics/{}/partitions/{}/messages", read_partition, "Read from an offset on."},

    Route{"GET", "/api/queues", list_queues, "All queues with their lengths."},
    Route{"GET", "/api/queues/{}", show_queue, "One queue."},
    Route{"PUT", "/api/queues/{}", declare_queue, "Create a queue, or check that it is as described."},
    Route{"DELETE", "/api/queues/{}", delete_queue, "Delete a queue."},
    Route{"POST", "/api/queues/{}/purge", purge_queue, "Settle all that is ready."},
    Route{"POST", "/api/queues/{}/messages", publish_to_queue, "Publish to a queue."},
    Route{"GET", "/api/queues/{}/messages", peek_queue, "Look without taking."},
    Route{"POST", "/api/queues/{}/receive", receive_from_queue, "Take messages, leased or accepted at once."},
    Route{"POST", "/api/queues/{}/settle", settle_in_queue, "Accept, release or reject what was leased."},

    Route{"GET", "/api/exchanges", list_exchanges, "All exchanges."},
    Route{"PUT", "/api/exchanges/{}", declare_exchange, "Create an exchange."},
    Route{"DELETE", "/api/exchanges/{}", delete_exchange, "Delete an exchange."},
    Route{"POST", "/api/exchanges/{}/messages", publish_to_exchange, "Publish through an exchange."},
    Route{"GET", "/api/bindings", list_bindings, "All bindings."},
    Route{"POST", "/api/bindings", handlers::bind, "Bind a queue or an exchange to an exchange."},
    Route{"DELETE", "/api/bindings", unbind, "Remove a binding."},

    Route{"GET", "/api/groups", list_groups, "All consumer groups."},
    Route{"GET", "/api/groups/{}", show_group, "One group: members, positions, lag."},
    Route{"DELETE", "/api/groups/{}", delete_group, "Delete a group without members."},

    Route{"GET", "/api/connections", list_connections, "All connections."},
    Route{"GET", "/api/connections/{}", show_connection, "One connection."},
};

bool matches(std::string_view pattern, const std::vector<std::string>& path, std::vector<std::string>& arguments) {
  arguments.clear();
  for (const std::string& segment : path) {
    if (!pattern.starts_with('/')) return false;
    pattern.remove_prefix(1);
    std::string_view expected = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(expected.size());
    if (expected == "{}")
      arguments.push_back(segment);
    else if (expected != segment)
      return false;
  }
  return pattern.empty();
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

void route(const CallPtr& call) {
  const Request& request = call->request();
  bool known = false;
  std::vector<std::string> arguments;
  for (const Route& r : kRoutes) {
    if (!matches(r.pattern, request.path, arguments)) continue;
    known = true;
    if (r.method != request.method) continue;
    call->set_arguments(std::move(arguments));
    return r.handler(call);
  }
  if (!known) return call->refuse({ErrorCode::kNotFound, "there is no such path"});
  call->reply(error_response({ErrorCode::kUnsupported, "the path knows other methods"}, 405));
}

}  // namespace godwit::admin
