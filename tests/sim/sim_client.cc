#include "sim/sim_client.h"

#include <algorithm>

namespace godwit::sim {

/// The session as the broker sees it. The broker owns it; it speaks to its client as long as there is one.
class SimClient::Side final : public broker::Session {
 public:
  explicit Side(SimClient& client) : client_(client) {}

  size_t on_bytes(ByteView in) override { return in.size(); }
  size_t bytes_wanted() const override { return 0; }
  void on_reply(broker::RequestId id, broker::Reply reply) override {
    if (client_.connected()) client_.calls_.on_reply(id, std::move(reply));
  }
  void on_notice(broker::Notice notice) override {
    if (!client_.connected()) return;
    if (client_.on_notice)
      client_.on_notice(notice);
    else
      client_.notices.push_back(std::move(notice));
  }
  void on_timer() override {}
  void on_writable() override {}
  bool paused() const override { return false; }
  void on_closed() override {}
  std::string describe() const override { return "simulated client"; }

 private:
  SimClient& client_;
};

SimClient::SimClient(World& world, WorkerId worker) : world_(world), worker_(worker) {
  world_.clients_.push_back(this);
  if (world_.running()) connect();
}

SimClient::~SimClient() {
  if (connected()) disconnect();
  std::erase(world_.clients_, this);
}

void SimClient::connect() {
  broker::SessionPort& port = world_.broker().worker(worker_).open_session(
      [this](broker::SessionHost& host) {
        host_ = &host;
        return std::make_unique<Side>(*this);
      },
      *this);
  port.set_principal({"guest", true});
}

void SimClient::disconnect() {
  if (!connected()) return;
  SessionId id = host_->id();
  lose_session();
  world_.broker().worker(worker_).close_session(id);
}

void SimClient::lose_session() {
  host_ = nullptr;
  calls_.clear();
  notices.clear();
}

}  // namespace godwit::sim
