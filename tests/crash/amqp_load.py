"""AMQP's load: publishers with a window of unconfirmed messages, and consumers that ack."""

import threading
import time

import pika
from ledger import QueueLedger
from pika.exceptions import AMQPError

WINDOW = 100  # unconfirmed publishes
PREFETCH = 40
MARKER = b"marker"


class Client(threading.Thread):
    """A thread with one connection, made again whenever it breaks."""

    def __init__(self, port: int, ledger: QueueLedger):
        super().__init__(daemon=True)
        self.port, self.ledger = port, ledger
        self.stopping, self.connected = False, 0

    def run(self) -> None:
        while not self.stopping:
            try:
                connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", self.port, socket_timeout=5))
                self.connected += 1
                self.work(connection, connection.channel())
                connection.close()
            except (AMQPError, OSError):
                self.broken()
                time.sleep(0.03)

    def broken(self) -> None:
        pass

    def stop(self) -> None:
        self.stopping = True
        self.join(20)


def confirms(channel, on_confirm):
    """Publisher confirms without waiting for each: pika's blocking channel only offers the waiting kind, so this asks
    the channel inside it. `on_confirm(tag, multiple)`; a nack counts as no promise."""
    inner = channel._impl

    def answered(frame):
        if isinstance(frame.method, pika.spec.Basic.Ack):
            on_confirm(frame.method.delivery_tag, frame.method.multiple)
    selected = []
    inner.confirm_delivery(answered, callback=selected.append)
    while not selected:
        channel.connection.process_data_events(time_limit=0.1)
    return inner


class Publisher(Client):
    def __init__(self, port: int, ledger: QueueLedger):
        super().__init__(port, ledger)
        self.paused = False
        self.unconfirmed: dict[int, int] = {}  # tag to number

    def broken(self) -> None:
        self.unconfirmed.clear()  # they may be there or not

    def confirmed(self, tag: int, multiple: bool) -> None:
        tags = [one for one in self.unconfirmed if one <= tag] if multiple else [tag]
        self.ledger.confirm([self.unconfirmed.pop(one) for one in tags if one in self.unconfirmed])

    def work(self, connection, channel) -> None:
        channel.queue_declare(self.ledger.name, durable=True)
        inner = confirms(channel, self.confirmed)
        tag = 0
        while not self.stopping:
            while len(self.unconfirmed) < WINDOW and not self.paused:
                self.ledger.sent += 1
                tag += 1
                self.unconfirmed[tag] = self.ledger.sent
                inner.basic_publish("", self.ledger.name, b"%d" % self.ledger.sent, pika.BasicProperties(delivery_mode=2))
                if tag % 20 == 0:
                    break
            connection.process_data_events(time_limit=0.005)


class Consumer(Client):
    """Acks ten at a time. At times it publishes a marker to its queue on the same channel; when the marker is confirmed,
    every ack that went before it is durable."""

    def work(self, connection, channel) -> None:
        channel.queue_declare(self.ledger.name, durable=True)
        channel.basic_qos(prefetch_count=PREFETCH)
        last, unacked, acked, markers = 0, [], {}, {}
        dispatched = acknowledged = marker_tag = 0
        marked = time.monotonic()

        def confirmed(tag: int, multiple: bool) -> None:
            for one in [one for one in markers if one == tag or (multiple and one < tag)]:
                self.ledger.settle(markers.pop(one))

        def deliver(_, method, properties, body):
            nonlocal last, dispatched
            if self.stopping:
                return  # it may be what another consumer that has just stopped gave back
            dispatched = method.delivery_tag
            if body != MARKER:
                number = int(body)
                if number <= last:
                    self.ledger.violations.add(f"{self.ledger.name}: {number} was delivered after {last} on one channel")
                last = number
                self.ledger.deliver(number, method.redelivered, (properties.headers or {}).get("x-delivery-count", 0))
                unacked.append(number)
            if dispatched - acknowledged >= 10:
                ack()

        def ack() -> None:
            """Acks what was seen. More may be on its way here: tag 0, which means all, would ack that, too."""
            nonlocal acknowledged
            if dispatched > acknowledged:
                channel.basic_ack(dispatched, multiple=True)
                acknowledged = dispatched
            acked.update(dict.fromkeys(unacked, time.monotonic()))
            unacked.clear()

        inner = confirms(channel, confirmed)
        channel.basic_consume(self.ledger.name, deliver)
        while not self.stopping:
            connection.process_data_events(time_limit=0.02)
            if time.monotonic() - marked > 0.2:
                marked = time.monotonic()
                ack()
                marker_tag += 1
                markers[marker_tag], acked = acked, {}
                inner.basic_publish("", self.ledger.name, MARKER, pika.BasicProperties(delivery_mode=2))
