#include "sim/workloads/volatile_queue.h"

namespace godwit::sim {

void VolatileQueue::set_up(SimClient& client) {
  auto declared =
      run_.must(client, model::DeclareQueue{.name = {.text = "memory"}, .settings = {.durable = false}}, "declare");
  if (declared && !declared->created) run_.verdict.broken("a volatile queue is there after a restart");
}

void VolatileQueue::act(Program& p) {
  LedgerId id = p.ledger("memory");
  std::string body = run_.new_body("memory");
  sent_.insert(body);
  p.call(model::Append{.partition = id.partition, .batch = batch_of({body})}, [](const Result<model::Appended>&) {});
  p.call(model::Receive{.ledger = id, .messages_max = 5, .settle_on_delivery = true},
         [this](const Result<model::Received>& reply) {
           if (!reply) return run_.verdict.broken(fmt::format("receive refused: {}", reply.error().message));
           for (const model::DeliveredBatch& delivered : reply->batches) {
             std::vector<std::string> bodies = bodies_of(delivered.batch);
             for (const model::DeliveredRun& run : delivered.runs)
               for (uint32_t i = 0; i < run.count; ++i)
                 if (sent_.erase(bodies.at(run.index + i)) == 0)
                   run_.verdict.broken(
                       fmt::format("volatile message '{}' is received again", short_of(bodies.at(run.index + i))));
           }
         });
}

}  // namespace godwit::sim
