"""The flights that left New York in 2013, one record each, keyed by carrier into six partitions.

librdkafka produces them while a consumer group of three counts them per carrier; then the topic is consumed again, as a
queue, by four competing AMQP consumers.
"""

import csv
import io
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from edges import KAFKA, connect
from report import Progress, Table

HERE = Path(__file__).resolve().parent
PARTITIONS, GROUP_MEMBERS, COMPETING_CONSUMERS = 6, 3, 4
LIMIT_S = 120


def rows() -> tuple[list[str], Counter]:
    """Every flight's line, and what the counts must be: taken from the file by Python's own CSV reader."""
    with zipfile.ZipFile(os.environ["GODWIT_DEMO_FLIGHTS"]) as archive:
        text = archive.read("flights.csv").decode()
    expected = Counter(flight["carrier"] for flight in csv.DictReader(io.StringIO(text)))
    return text.splitlines()[1:], expected


class Counters:
    """Worker processes that count flights per carrier and tell how far they are."""

    def __init__(self, protocol: str, topic: str, count: int):
        command = [sys.executable, str(HERE / "flights_worker.py"), protocol, topic]
        self.processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                          for _ in range(count)]
        self.counts = [Counter() for _ in self.processes]
        self.ready = [threading.Event() for _ in self.processes]
        self.threads = [threading.Thread(target=self.listen, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def listen(self, number: int) -> None:
        for line in self.processes[number].stdout:
            message = json.loads(line)
            if message == "ready":
                self.ready[number].set()
            else:
                self.counts[number] = Counter(message)

    def wait_ready(self) -> None:
        if not all(event.wait(60) for event in self.ready):
            raise RuntimeError("a worker did not get ready")

    def total(self) -> int:
        return sum(sum(count.values()) for count in self.counts)

    def watch(self, progress: Progress, expected: int) -> None:
        deadline = time.monotonic() + LIMIT_S
        while self.total() < expected and time.monotonic() < deadline:
            progress.show(self.total())
            time.sleep(0.05)
        progress.show(self.total())

    def stop(self) -> None:
        for process in self.processes:
            process.stdin.close()  # the worker's sign to tell its last counts and go
        for process, thread in zip(self.processes, self.threads):
            process.wait(30)
            thread.join()


def produce(topic: str, lines: list[str]) -> int:
    """Answers how many the broker acknowledged."""
    acknowledged = 0

    def report(error, _):
        nonlocal acknowledged
        acknowledged += error is None

    producer = Producer({**KAFKA, "enable.idempotence": True, "linger.ms": 20, "compression.type": "lz4"})
    progress = Progress("flights: produce", len(lines))
    for number, line in enumerate(lines, 1):
        while True:
            try:
                producer.produce(topic, line, key=line.split(",")[9], on_delivery=report)
                break
            except BufferError:  # the client's queue is full: let it drain
                producer.poll(0.1)
        if number % 1000 == 0:
            producer.poll(0)
            progress.show(number)
    producer.flush(60)
    progress.show(acknowledged)
    progress.done()
    return acknowledged


def table(title: str, expected: Counter, workers: Counters) -> Table:
    arrived = sum(workers.counts, Counter())
    result = Table(title)
    for carrier, count in sorted(expected.items()):
        result.add(carrier, count, arrived[carrier])
    result.add("altogether", sum(expected.values()), sum(arrived.values()))
    result.add("workers that got some", len(workers.counts), sum(bool(count) for count in workers.counts))
    return result


def run() -> list[Table]:
    lines, expected = rows()
    topic = f"flights-{time.time():.0f}"
    admin = AdminClient(KAFKA)  # it must outlive the request
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result()
    sent = Table("Flights: produced")
    group = Counters("kafka", topic, GROUP_MEMBERS)
    try:
        group.wait_ready()
        sent.add("acknowledged", len(lines), produce(topic, lines))
        progress = Progress("flights: consumer group", len(lines))
        group.watch(progress, len(lines))
        progress.done()
    finally:
        group.stop()
    with connect() as connection:  # a queue of the topic's name: the topic's own queue, from its first record on
        connection.channel().queue_declare(topic, durable=True)
    queue = Counters("amqp", topic, COMPETING_CONSUMERS)
    try:
        progress = Progress("flights: work queue", len(lines))
        queue.watch(progress, len(lines))
        progress.done()
    finally:
        queue.stop()
    return [sent, table(f"Flights per carrier, counted by a consumer group of {GROUP_MEMBERS}", expected, group),
            table(f"Flights per carrier, counted by {COMPETING_CONSUMERS} competing AMQP consumers", expected, queue)]
