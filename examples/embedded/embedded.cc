// Godwit inside a program: publish and consume without a port. Build: cmake --build build/dev --target example_embedded
#include <cstdio>
#include <future>
#include <string>

#include "godwit/broker.h"

int main(int argc, char** argv) {
  auto broker = godwit::Broker::open({.directory = argc > 1 ? argv[1] : "embedded-data"});
  if (!broker) return std::fprintf(stderr, "cannot open: %s\n", broker.error().message.c_str()), 1;
  if (auto created = broker->create_queue("orders"); !created)
    return std::fprintf(stderr, "cannot create the queue: %s\n", created.error().message.c_str()), 1;

  constexpr int kOrders = 3;
  int seen = 0;
  std::promise<void> all_seen;
  auto consuming = broker->consume("orders", [&](const godwit::EmbeddedDelivery& delivery) {
    std::printf("order %s: %s\n", delivery.message.headers.at("number").c_str(), delivery.message.body.c_str());
    if (++seen == kOrders) all_seen.set_value();
    return godwit::Verdict::kAccept;
  });
  if (!consuming) return std::fprintf(stderr, "cannot consume: %s\n", consuming.error().message.c_str()), 1;

  for (int i = 1; i <= kOrders; ++i) {
    // The future is ready once the order is on stable storage.
    auto stored = broker->publish("orders", {.body = "two godwits", .headers = {{"number", std::to_string(i)}}}).get();
    if (!stored) return std::fprintf(stderr, "not published: %s\n", stored.error().message.c_str()), 1;
  }
  all_seen.get_future().wait();
  broker->stop();
  return 0;
}
