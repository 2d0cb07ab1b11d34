"""Counts flights per carrier until its standard input closes: `flights_worker.py kafka|amqp TOPIC`.

It prints one JSON value a line: "ready" once it has its share of the work, then its counts, at times and at the end.
"""

import json
import sys
import threading
import time
from collections import Counter

from confluent_kafka import Consumer
from edges import KAFKA, connect

PROTOCOL, TOPIC = sys.argv[1:]
SHARE = 2  # of six partitions, with three members
counts: Counter[str] = Counter()
closed = threading.Event()
told = 0.0


def tell(value) -> None:
    print(json.dumps(value), flush=True)


def count(line: bytes) -> None:
    counts[line.split(b",")[9].decode()] += 1


def tell_at_times() -> None:
    global told
    if time.monotonic() - told > 0.1:
        told = time.monotonic()
        tell(counts)


def kafka() -> None:
    def assigned(_, partitions):
        if len(partitions) == SHARE:
            tell("ready")

    consumer = Consumer({**KAFKA, "group.id": f"{TOPIC}-counters", "auto.offset.reset": "earliest",
                         "heartbeat.interval.ms": 500})
    consumer.subscribe([TOPIC], on_assign=assigned)
    while not closed.is_set():
        for record in consumer.consume(2000, 0.1):
            if record.error() is None:
                count(record.value())
        tell_at_times()
    consumer.close()


def amqp() -> None:
    with connect() as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=500)
        last = 0

        def work(_, method, _properties, body):
            nonlocal last
            count(body)
            last = method.delivery_tag
            if last % 100 == 0:
                channel.basic_ack(last, multiple=True)
                tell_at_times()
        channel.basic_consume(TOPIC, work)
        tell("ready")
        while not closed.is_set():
            connection.process_data_events(time_limit=0.1)
            tell_at_times()
        channel.basic_ack(last, multiple=True)


threading.Thread(target=lambda: (sys.stdin.read(), closed.set()), daemon=True).start()
{"kafka": kafka, "amqp": amqp}[PROTOCOL]()
tell(counts)
