#include "embed/host.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/linux/posix_disk.h"
#include "runtime/linux/random.h"

namespace godwit::embed {

Host::Host() = default;

Result<std::unique_ptr<Host>> Host::open(Settings settings) {
  std::unique_ptr<Host> host(new Host);
  auto disk = runtime::open_posix_disk(settings.directory);
  if (!disk) return std::unexpected(disk.error());
  host->disk_ = std::move(*disk);
  host->io_ = std::make_unique<runtime::IoThread>("godwit-io");
  host->reads_ = std::make_unique<runtime::IoThread>("godwit-reads");

  broker::Node::Parts parts{.disk = host->disk_.get(),
                            .loops = {},
                            .io = host->io_.get(),
                            .reads = host->reads_.get(),
                            .on_failure = std::move(settings.on_failure),
                            .on_report = std::move(settings.on_report),
                            .on_hold = std::move(settings.on_hold),
                            .journal_wake = {},
                            .wall_ms = [&clock = host->clock_] { return clock.wall_ms(); },
                            .random = {runtime::random_u64(), runtime::random_u64()}};
  for (uint16_t i = 0; i < settings.broker.workers; ++i) {
    auto loop = runtime::EpollLoop::create(host->clock_);
    if (!loop) return std::unexpected(loop.error());
    parts.loops.push_back(loop->get());
    host->loops_.push_back(std::move(*loop));
  }
  auto node = broker::Node::open(settings.broker, std::move(parts), settings.repair);
  if (!node) return std::unexpected(node.error());
  host->node_ = std::move(*node);
  host->clock_.advance_boot(host->recovered().last_wall_ms);
  return host;
}

Host::~Host() {
  threads_.clear();
  if (reads_) reads_->stop();
  if (io_) io_->stop();
  node_.reset();
}

void Host::start() {
  node_->start();
  for (size_t i = 0; i < loops_.size(); ++i)
    threads_.push_back(std::make_unique<runtime::LoopThread>(fmt::format("godwit-{}", i).c_str(), *loops_[i]));
}

void Host::stop(runtime::Task done) { node_->stop(std::move(done)); }

}  // namespace godwit::embed
