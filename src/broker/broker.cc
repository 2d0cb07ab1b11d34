#include "broker/broker.h"

#include "broker/worker.h"

namespace godwit::broker {

Broker::Broker(Options options, storage::BlobStore& blobs, runtime::Disk& disk, std::vector<runtime::Loop*> loops,
               OnFailure on_failure, OnReport on_report)
    : options_(options),
      blobs_(blobs),
      disk_(disk),
      loops_(std::move(loops)),
      on_failure_(std::move(on_failure)),
      on_report_(std::move(on_report)),
      manifests_(*this) {
  options_.workers = static_cast<uint16_t>(loops_.size());
  for (size_t i = 0; i < loops_.size(); ++i)
    workers_.push_back(std::make_unique<Worker>(*this, WorkerId(static_cast<uint16_t>(i)), *loops_[i]));
}

Broker::~Broker() = default;

void Broker::start() {
  run_on_each([](Worker& worker) { worker.start(); });
}

void Broker::send(WorkerId to, Mail mail) {
  loops_[to.value]->post(
      [worker = workers_[to.value].get(), mail = std::move(mail)]() mutable { worker->on_mail(std::move(mail)); });
}

void Broker::run_on(WorkerId to, std::move_only_function<void(Worker&)> task) {
  loops_[to.value]->post([worker = workers_[to.value].get(), task = std::move(task)]() mutable {
    task(*worker);
    worker->wake();
  });
}

void Broker::run_on_each(const std::function<void(Worker&)>& task) {
  for (auto& worker : workers_) run_on(worker->id(), task);
}

void Broker::on_durable(WorkerId to, uint64_t ticket, Result<storage::ChunkSeq> seq) {
  loops_[to.value]->post([worker = workers_[to.value].get(), ticket, seq = std::move(seq)]() mutable {
    worker->on_durable(ticket, std::move(seq));
  });
}

}  // namespace godwit::broker
