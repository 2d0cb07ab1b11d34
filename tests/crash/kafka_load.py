"""Kafka's load: a producer, idempotent or not, and the members of one consumer group that commit."""

import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from ledger import PartitionLedger

WINDOW = 400
QUICK = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100, "log_level": 0, "socket.timeout.ms": 5000}


class ProducerLoad(threading.Thread):
    def __init__(self, servers: str, partitions: list[PartitionLedger]):
        super().__init__(daemon=True)
        self.partitions, self.paused, self.stopping = partitions, False, False
        settings = {"enable.idempotence": True} if partitions[0].once else {"max.in.flight": 1}
        self.producer = Producer({**QUICK, **settings, "bootstrap.servers": servers, "acks": "all", "linger.ms": 2,
                                  "retry.backoff.ms": 20, "message.timeout.ms": 120000})

    def run(self) -> None:
        while not self.stopping:
            for ledger in self.partitions:
                for _ in range(0 if self.paused or len(self.producer) > WINDOW else 10):
                    ledger.sent += 1
                    self.producer.produce(ledger.topic, b"%d" % ledger.sent, partition=ledger.partition,
                                          on_delivery=lambda error, record, to=ledger: self.answered(to, error, record))
            self.producer.poll(0.01)

    @staticmethod
    def answered(ledger: PartitionLedger, error, record) -> None:
        if error:
            ledger.violations.add(f"{ledger.name}: the producer gave up on {record.value().decode()}: {error}")
        else:
            ledger.ack(int(record.value()), record.offset())

    def idle(self) -> bool:
        return len(self.producer) == 0

    def stop(self) -> None:
        self.stopping = True
        self.join(20)
        self.producer.flush(20)


class Member(threading.Thread):
    """A member of the group: reads everything, commits four times a second, and waits for the commit's answer."""

    def __init__(self, servers: str, group: str, ledgers: dict[tuple[str, int], PartitionLedger]):
        super().__init__(daemon=True)
        self.ledgers, self.stopping = ledgers, False
        self.consumer = Consumer({**QUICK, "bootstrap.servers": servers, "group.id": group, "auto.offset.reset": "earliest",
                                  "enable.auto.commit": False, "session.timeout.ms": 6000, "heartbeat.interval.ms": 200,
                                  "fetch.wait.max.ms": 100})

    def run(self) -> None:
        self.consumer.subscribe(sorted({topic for topic, _ in self.ledgers}))
        committed = time.monotonic()
        while not self.stopping:
            for record in self.consumer.consume(500, 0.05):
                if record.error() is None:
                    self.ledgers[record.topic(), record.partition()].read(record.offset(), int(record.value()))
            if time.monotonic() - committed > 0.25:
                committed = time.monotonic()
                self.commit()
        self.consumer.close()

    def commit(self) -> None:
        try:
            answers = self.consumer.commit(asynchronous=False)
        except KafkaException:  # nothing to commit, no broker, or a rebalance: no promise was made
            return
        for answer in answers:
            if answer.error is None and answer.offset >= 0:
                self.ledgers[answer.topic, answer.partition].commit(answer.offset)

    def stop(self) -> None:
        self.stopping = True
        self.join(20)


class Auditor:
    """Asks what the broker holds, beside the load."""

    def __init__(self, servers: str, group: str):
        self.consumer = Consumer({**QUICK, "bootstrap.servers": servers, "group.id": group, "enable.auto.commit": False,
                                  "auto.offset.reset": "earliest", "fetch.wait.max.ms": 100})

    def committed(self, ledgers: list[PartitionLedger], timeout_s: float = 20) -> list[int]:
        """The group's committed offsets; a coordinator that is just coming up is asked again."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                asked = [TopicPartition(one.topic, one.partition) for one in ledgers]
                answers = self.consumer.committed(asked, timeout=5)
                if all(answer.error is None for answer in answers):
                    return [max(answer.offset, 0) for answer in answers]
            except KafkaException:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError("the group's commits could not be read")
            time.sleep(0.05)

    def log(self, ledger: PartitionLedger, timeout_s: float = 60) -> dict[int, int]:
        """The partition from the last checkpoint on, offset to number."""
        _, end = self.consumer.get_watermark_offsets(TopicPartition(ledger.topic, ledger.partition), timeout=10)
        found: dict[int, int] = {}
        if end <= ledger.checked:
            return found
        self.consumer.assign([TopicPartition(ledger.topic, ledger.partition, ledger.checked)])
        deadline = time.monotonic() + timeout_s
        while end - 1 not in found and time.monotonic() < deadline:
            for record in self.consumer.consume(2000, 0.2):
                if record.error() is None:
                    found[record.offset()] = int(record.value())
        self.consumer.unassign()
        return found
