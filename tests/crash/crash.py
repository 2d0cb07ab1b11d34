"""The rounds: let the load run, kill -9, start again, and see that every promise holds.

`N passed, N failed` counts rounds, checkpoints, and the ledgers' own checks. The seed decides when the kills come; what
the clients had in flight then is for the machine to decide.
"""

import argparse
import random
import shutil
import sys
import time

import ledger_test
import pika
from amqp_load import Consumer, Publisher
from broker import ROOT, Broker
from confluent_kafka.admin import AdminClient, NewTopic
from kafka_load import Auditor, Member, ProducerLoad
from ledger import PartitionLedger, QueueLedger, Violations

FOLDER = ROOT / "build/crash"
GROUP = "crash-group"
TOPICS = {"crash.idempotent": True, "crash.plain": False}
PARTITIONS = 2
CHECKPOINT_ROUNDS = 25
PATIENCE_S = 30


class Load:
    """Every client of both protocols, with the ledgers that they fill."""

    def __init__(self, broker: Broker):
        self.violations = Violations()
        servers = f"127.0.0.1:{broker.kafka_port}"
        self.queues = [QueueLedger(f"crash.queue-{name}", self.violations) for name in ("one", "two")]
        self.partitions = [PartitionLedger(topic, number, once, self.violations)
                           for topic, once in TOPICS.items() for number in range(PARTITIONS)]
        admin = AdminClient({"bootstrap.servers": servers})
        for made in admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in TOPICS]).values():
            made.result()
        self.amqp_port = broker.amqp_port
        self.publishers = [Publisher(broker.amqp_port, queue) for queue in self.queues]
        # One consumer on the first queue, two that compete on the second.
        self.consumers = [Consumer(broker.amqp_port, queue) for queue in (self.queues[0], self.queues[1], self.queues[1])]
        self.producers = [ProducerLoad(servers, [one for one in self.partitions if one.topic == topic]) for topic in TOPICS]
        by_name = {(one.topic, one.partition): one for one in self.partitions}
        self.members = [Member(servers, GROUP, by_name) for _ in range(2)]
        self.auditor = Auditor(servers, GROUP)
        for client in [*self.publishers, *self.consumers, *self.producers, *self.members]:
            client.start()

    def promises(self) -> list[int]:
        """How many publishes were acknowledged so far, by queue and partition."""
        return [one.total_confirmed for one in self.queues] + [one.total_acked for one in self.partitions]

    def wait_progress(self, since: list[int]) -> bool:
        """Whether every publisher and producer has got an answer that it had not `since`."""
        return wait(lambda: all(now > before for now, before in zip(self.promises(), since)))

    def pause(self, paused: bool) -> None:
        for client in [*self.publishers, *self.producers]:
            client.paused = paused

    def checkpoint(self) -> None:
        """Stops publishing, lets everything arrive, recounts, and goes on."""
        self.pause(True)
        if not wait(lambda: all(producer.idle() for producer in self.producers)):
            self.violations.add("the producers' records are not answered")
        if not wait(lambda: not any(one.unconfirmed for one in self.publishers)):
            self.violations.add("the publishers' messages are not confirmed")
        wait(lambda: not any(queue.missing() for queue in self.queues), 10)
        self.wait_drained()
        for queue in self.queues:
            queue.checkpoint()
        for partition in self.partitions:
            log = self.auditor.log(partition)
            wait(lambda: log.keys() <= partition.seen.keys())
            partition.checkpoint(log)
        self.pause(False)

    def wait_drained(self) -> None:
        """Two markers a consumer from now on, so that the acks of all that came are durable, and then SETTLED_AGE_S."""
        time.sleep(1.5)
        with pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", self.amqp_port)) as connection:
            channel = connection.channel()
            # The consumers' own markers pass through the queue all the time: a few may be there.
            if not wait(lambda: all(channel.queue_declare(queue.name, passive=True).method.message_count <= 4
                                    for queue in self.queues)):
                self.violations.add("a queue does not drain")

    def stop(self) -> None:
        clients = [*self.publishers, *self.producers, *self.consumers, *self.members]
        for client in clients:
            client.stopping = True
        for client in clients:
            client.stop()


def wait(condition, timeout_s: float = PATIENCE_S) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def one_round(broker: Broker, load: Load, pause_s: float) -> float:
    """Kills and restarts the broker; answers how long it took to be ready again, in seconds."""
    time.sleep(pause_s)
    broker.kill()
    promised = [one.committed for one in load.partitions]
    for queue in load.queues:
        queue.killed()
    began = time.monotonic()
    broker.start()
    ready_s = time.monotonic() - began
    if not load.wait_progress(load.promises()):
        load.violations.add(f"no progress within {PATIENCE_S} s after the restart: {load.promises()}")
    for ledger, before, now in zip(load.partitions, promised, load.auditor.committed(load.partitions)):
        ledger.committed_now(before, now)
    return ready_s


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options.add_argument("--durability", choices=("fsync", "os"), default="fsync")
    chosen = options.parse_args()
    print(f"seed {chosen.seed}, {chosen.rounds} rounds", flush=True)
    moments = random.Random(chosen.seed)
    shutil.rmtree(FOLDER, ignore_errors=True)
    passed, failed = ledger_test.run()
    slowest, began = 0.0, time.monotonic()
    with Broker(FOLDER, [f"storage.durability={chosen.durability}"]) as broker:
        load = Load(broker)
        load.wait_progress(load.promises())

        def judge(before: int) -> None:
            nonlocal passed, failed
            good = len(load.violations) == before
            passed, failed = passed + good, failed + (not good)

        for number in range(1, chosen.rounds + 1):
            before = len(load.violations)
            slowest = max(slowest, one_round(broker, load, moments.uniform(0.05, 1.2)))
            judge(before)
            if number % CHECKPOINT_ROUNDS == 0 or number == chosen.rounds:
                before = len(load.violations)
                load.checkpoint()
                judge(before)
            if number % 5 == 0 or number == chosen.rounds:
                confirmed, acked = (sum(one) for one in (load.promises()[:2], load.promises()[2:]))
                print(f"round {number:>4}: {confirmed:>8} confirmed, {acked:>8} acknowledged, slowest start {slowest:.2f} s, "
                      f"{len(load.violations)} violations, {time.monotonic() - began:.0f} s", flush=True)
            if failed > 3:
                print(f"giving up; the data and the log are in {FOLDER}", flush=True)
                break
        load.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
