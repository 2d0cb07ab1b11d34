"""GitHub's webhook payloads, published by event name through a topic exchange to several queues.

Each queue is worked off by two competing consumers, one in Python and one in Node. What a worker cannot handle it
rejects, and the broker puts it into the dead-letter queue with its reason. Meanwhile a Kafka group reads the same events:
every queue is a topic of its name.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pika
from confluent_kafka import Consumer
from edges import KAFKA, connect
from report import Progress, Table
from webhook_work import cannot_handle

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
EXCHANGE, DEAD_EXCHANGE, DEAD_QUEUE = "github", "github.dead", "github.dead-letters"
# Queue to binding patterns. An event goes to every queue that has a pattern for it: once, however many match.
BINDINGS = {
    "github.code": ["push.#", "create.#", "delete.#", "pull_request.#", "pull_request_review.#", "commit_comment.#"],
    "github.issues": ["issues.*", "issue_comment.*", "label.*", "milestone.*"],
    "github.checks": ["check_run.#", "check_suite.#", "status.#", "workflow_run.#", "workflow_job.#"],
    "github.created": ["*.created", "*.opened", "*.published"],
    "github.audit": ["#"],
}


def events() -> list[tuple[str, bytes]]:
    """Every payload with its routing key: the event's name, and its action if it has one."""
    found = []
    for event in json.loads(EXAMPLES.read_text()):
        for payload in event["examples"]:
            key = ".".join(filter(None, [event["name"], payload.get("action")]))
            found.append((key, json.dumps(payload).encode()))
    return found


def matches(pattern: str, key: str) -> bool:
    """Topic matching, written again here so that the expected totals do not come from the broker: of the patterns
    above, `#` stands last or alone."""
    words, wanted = key.split("."), pattern.split(".")
    if wanted[-1] == "#":
        return words[:len(wanted) - 1] == wanted[:-1]
    return len(words) == len(wanted) and all(one in ("*", word) for one, word in zip(wanted, words))


def declare(channel) -> None:
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.exchange_declare(DEAD_EXCHANGE, "fanout", durable=True)
    channel.queue_declare(DEAD_QUEUE, durable=True)
    channel.queue_bind(DEAD_QUEUE, DEAD_EXCHANGE)
    for queue, patterns in BINDINGS.items():
        channel.queue_declare(queue, durable=True, arguments={"x-dead-letter-exchange": DEAD_EXCHANGE})
        channel.queue_purge(queue)
        for pattern in patterns:
            channel.queue_bind(queue, EXCHANGE, pattern)
    channel.queue_purge(DEAD_QUEUE)


class KafkaGroup:
    """Reads the queues' topics as a consumer group: from where they end when it gets them, before the first event. What it
    has not read yet stays, however fast the queues are worked off."""

    def __init__(self):
        self.counts: Counter[str] = Counter()
        self.stopping = threading.Event()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self) -> None:
        consumer = Consumer({**KAFKA, "group.id": "github-readers"})

        def assigned(_, partitions):
            for partition in partitions:  # events of earlier runs may lie before it
                partition.offset = consumer.get_watermark_offsets(partition, timeout=30)[1]
            consumer.assign(partitions)
            if len(partitions) == len(BINDINGS):
                self.ready.set()

        consumer.subscribe(list(BINDINGS), on_assign=assigned)
        while not self.stopping.is_set():
            for record in consumer.consume(100, 0.1):
                if record.error() is None:
                    self.counts[record.topic()] += 1
        consumer.close()


class Workers:
    """One worker in Node and one in Python on every queue; each tells what it did with each message."""

    def __init__(self):
        # The interpreter that runs this has the client that the Python worker needs.
        self.commands = {"Node": ["node", str(HERE / "webhook_worker.mjs")],
                         "Python": [sys.executable, str(HERE / "webhook_worker.py")]}
        self.done: dict[str, Counter] = {}
        self.lock = threading.Lock()
        self.processes, self.threads = [], []

    def start(self) -> None:
        for language, command in self.commands.items():
            process = subprocess.Popen([*command, *BINDINGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError(f"the worker in {language} did not start")
            self.done[language] = Counter()
            thread = threading.Thread(target=self.listen, args=(process, self.done[language]))
            thread.start()
            self.processes.append(process)
            self.threads.append(thread)

    def listen(self, process, counts: Counter) -> None:
        for line in process.stdout:
            verb, queue = line.split()
            with self.lock:
                counts[verb, queue] += 1

    def count(self, verb: str, queue: str) -> int:
        with self.lock:
            return sum(counts[verb, queue] for counts in self.done.values())

    def total(self) -> int:
        with self.lock:
            return sum(sum(counts.values()) for counts in self.done.values())

    def stop(self) -> None:
        for process in self.processes:
            process.stdin.close()  # the worker's sign to go
        for process, thread in zip(self.processes, self.threads):
            process.wait(20)
            thread.join()


def publish(payloads: list[tuple[str, bytes]], channel) -> None:
    progress = Progress("webhooks: publish", len(payloads))
    for number, (key, body) in enumerate(payloads, 1):
        channel.basic_publish(EXCHANGE, key, body, pika.BasicProperties(
            content_type="application/json", delivery_mode=2, message_id=str(number), type=key.split(".")[0]))
        progress.show(number)
    progress.done()


def dead_letters(channel, expected: int) -> Counter:
    """Counts the dead letters by queue and reason, as their x-death header tells."""
    found: Counter = Counter()
    deadline = time.monotonic() + 15
    while sum(found.values()) < expected and time.monotonic() < deadline:
        method, properties, _ = channel.basic_get(DEAD_QUEUE, auto_ack=True)
        if method is None:
            time.sleep(0.05)
            continue
        death = properties.headers["x-death"][0]
        found[death["queue"], death["reason"]] += death["count"]
    if channel.basic_get(DEAD_QUEUE, auto_ack=True)[0] is not None:
        found["one too many", ""] += 1
    return found


def run() -> list[Table]:
    payloads = events()
    routed = {queue: [(key, body) for key, body in payloads if any(matches(one, key) for one in patterns)]
              for queue, patterns in BINDINGS.items()}
    refused = {queue: sum(cannot_handle(json.loads(body)) is not None for _, body in some) for queue, some in routed.items()}
    total = sum(map(len, routed.values()))
    with connect() as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        declare(channel)
        group, workers = KafkaGroup(), Workers()
        try:
            if not group.ready.wait(60):
                raise RuntimeError("the Kafka group got no partitions")
            workers.start()
            publish(payloads, channel)
            progress, deadline = Progress("webhooks: work", total), time.monotonic() + 60
            while (workers.total() < total or sum(group.counts.values()) < total) and time.monotonic() < deadline:
                progress.show(workers.total())
                connection.process_data_events(time_limit=0.05)
            progress.show(workers.total())
            progress.done()
        finally:
            group.stopping.set()
            group.thread.join()
            workers.stop()
        dead = dead_letters(channel, sum(refused.values()))
    return tables(payloads, routed, refused, group, workers, dead)


def tables(payloads, routed, refused, group, workers, dead) -> list[Table]:
    handled = Table(f"Webhooks: {len(payloads)} payloads handled, by queue")
    letters = Table("Webhooks: rejected by a worker, in the dead-letter queue with reason `rejected`")
    read = Table("Webhooks: read by a Kafka consumer group, by topic")
    for queue, some in routed.items():
        handled.add(queue, len(some) - refused[queue], workers.count("handled", queue))
        letters.add(queue, refused[queue], dead[queue, "rejected"])
        read.add(queue, len(some), group.counts[queue])
    letters.add("altogether", sum(refused.values()), sum(dead.values()))
    shares = {language: sum(counts.values()) for language, counts in workers.done.items()}
    both = Table(f"Webhooks: worked off in two languages ({', '.join(f'{name} {count}' for name, count in shares.items())})")
    both.add("languages that worked", 2, sum(count > 0 for count in shares.values()))
    both.add("messages", sum(map(len, routed.values())), sum(shares.values()))
    return [handled, both, letters, read]
