"""What bounds the memory of the built program, and what publishers and consumers notice of it."""
import struct
import threading
import time
import unittest

import wire
from broker import Broker, temporary_directory

LIMIT_BYTES = 32 << 20
BODY = b"x" * 8192
BLOCKED, UNBLOCKED = (10, 60), (10, 61)


class Publisher(threading.Thread):
    """Publishes without looking at anything until it is told to stop."""

    def __init__(self, port: int, queue: str):
        super().__init__(daemon=True)
        self.client = wire.Amqp(port, capabilities=wire.capability("connection.blocked"))
        self.client.socket.settimeout(0.5)
        self.queue = queue
        self.sent = 0
        self.stopping = False

    def run(self):
        data = wire.publish(1, self.queue, len(BODY)) + wire.frame(wire.BODY, 1, BODY)
        rest = b""
        while not self.stopping:
            rest = rest or data
            try:
                rest = rest[self.client.socket.send(rest):]
                self.sent += not rest
            except TimeoutError:
                pass


class LimitsTest(unittest.TestCase):
    def setUp(self):
        self.directory = temporary_directory()
        self.addCleanup(self.directory.cleanup)

    def start(self, *settings: str) -> Broker:
        broker = Broker(self.directory.name, f"memory.limit={LIMIT_BYTES}", *settings).start()
        self.addCleanup(lambda: broker.process.poll() is None and broker.kill())
        return broker

    def metric(self, broker: Broker, name: str) -> float:
        _, text = broker.request("GET", "/metrics")
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(f"godwit_{name}"))

    def test_unfinished_messages_take_their_share_and_no_more(self):
        broker = self.start("server.workers=1")
        port = broker.ports["amqp"]
        victim = wire.Amqp(port)
        victim.declare("q")
        victim.select_confirms()
        victim.publish_confirmed("q", b"before")
        before = broker.rss_bytes()
        hostile = []
        for _ in range(12):
            client = wire.Amqp(port)
            client.socket.settimeout(0.3)
            try:
                client.send(wire.publish(1, "q", 16 << 20))
                for _ in range(20):
                    client.send(wire.frame(wire.BODY, 1, b"x" * 100_000))
            except TimeoutError:
                pass
            hostile.append(client)
        self.assertLess(broker.rss_bytes() - before, LIMIT_BYTES)
        self.assertGreater(self.metric(broker, 'memory_used_bytes{use="connections"}'), LIMIT_BYTES / 4)
        self.assertLess(victim.publish_confirmed("q", b"small messages pass"), 1)

        large = threading.Thread(target=victim.publish_confirmed, args=("q", b"x" * 100_000))
        large.start()
        large.join(1)
        self.assertTrue(large.is_alive(), "a frame above what a connection may always hold waits for memory")
        for client in hostile:
            client.close()
        # At once, unless all ends are behind bytes that the broker does not read: then in two times kUnfinishedMs.
        large.join(45)
        self.assertFalse(large.is_alive())

    def test_a_backlog_stays_within_the_limit_and_drains(self):
        broker = self.start()
        port = broker.ports["amqp"]
        consumer = wire.Amqp(port)
        consumer.declare("backlog")
        before = broker.rss_bytes()
        publisher = Publisher(port, "backlog")
        publisher.start()
        largest = 0
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline:
            time.sleep(0.1)
            largest = max(largest, broker.rss_bytes())
        publisher.stopping = True  # what is sent is taken, now or when publishers are let go
        publisher.join(5)
        self.assertGreater(publisher.sent * len(BODY), 2 * LIMIT_BYTES, "too little to say anything")
        self.assertLess(largest - before, 2 * LIMIT_BYTES, "the limit, and what segments and snapshots are written from")
        self.assertGreater(self.metric(broker, "publisher_holds_total"), 0)
        self.assertEqual(publisher.client.told(), [BLOCKED, UNBLOCKED])
        consumer.send(wire.consume(1, "backlog", no_ack=True))
        received = 0
        consumer.socket.settimeout(20)
        while received < publisher.sent:
            kind, _, payload = consumer.read_frame()
            received += kind == wire.METHOD and struct.unpack_from(">HH", payload) == (60, 60)
        self.assertLess(broker.rss_bytes() - before, 2 * LIMIT_BYTES)

    def test_answers_that_nobody_takes_are_not_made(self):
        broker = self.start()
        port = broker.ports["kafka"]
        client = wire.Kafka(port)
        topic, group, count = wire.kafka_text("t"), wire.kafka_text("g"), 500
        client.ask(wire.kafka_request(19, 2, struct.pack(">i", 1) + topic + struct.pack(">ihiiib", count, 1, 0, 0, 20000, 0)))
        positions = b"".join(struct.pack(">iq", i, 0) + wire.kafka_text("m" * 4000) for i in range(count))
        client.ask(wire.kafka_request(8, 2, group + struct.pack(">i", -1) + wire.kafka_text("") + struct.pack(">q", -1)
                                      + struct.pack(">i", 1) + topic + struct.pack(">i", count) + positions))
        before = broker.rss_bytes()
        fetches = 100
        silent = wire.Kafka(port)
        silent.socket.sendall(b"".join(wire.kafka_request(9, 2, group + struct.pack(">i", -1), i) for i in range(fetches)))
        for _ in range(20):
            time.sleep(0.1)
            self.assertLess(broker.rss_bytes() - before, LIMIT_BYTES)
        for i in range(fetches):
            size, correlation = struct.unpack(">ii", silent.read(8))
            self.assertEqual(correlation, i)
            self.assertGreater(len(silent.read(size - 4)), count * 4000)

    def test_members_that_come_and_go_leave_no_record_too_large(self):
        broker = self.start()
        client = wire.Kafka(broker.ports["kafka"])
        group = wire.kafka_text("g")

        def join(topics: list[str]) -> tuple[int, str]:
            metadata = struct.pack(">hi", 0, len(topics)) + b"".join(map(wire.kafka_text, topics)) + struct.pack(">i", -1)
            answer = client.ask(wire.kafka_request(
                11, 2, group + struct.pack(">ii", 30000, 30000) + wire.kafka_text("") + wire.kafka_text("consumer")
                + struct.pack(">i", 1) + wire.kafka_text("range") + struct.pack(">i", len(metadata)) + metadata))
            error, generation = struct.unpack_from(">hi", answer, 4)
            self.assertEqual(error, 0)
            rest = answer[10:]
            for _ in range(2):
                rest = rest[2 + struct.unpack_from(">h", rest)[0]:]
            return generation, rest[2:2 + struct.unpack_from(">h", rest)[0]].decode()

        for i in range(100):
            _, member = join([f"{i}-{j}-" + "x" * 1000 for j in range(150)])
            client.ask(wire.kafka_request(13, 0, group + wire.kafka_text(member)))
        generation, member = join(["last"])
        answer = client.ask(wire.kafka_request(14, 0, group + struct.pack(">i", generation) + wire.kafka_text(member)
                                               + struct.pack(">i", 0)))
        self.assertEqual(answer, struct.pack(">hi", 0, 0))
        broker.stop()
        broker.start()
        self.assertEqual(broker.request("GET", "/health/ready")[0], 200)


class VhostsTest(unittest.TestCase):
    def test_a_vhost_is_a_namespace(self):
        directory = temporary_directory()
        self.addCleanup(directory.cleanup)
        broker = Broker(directory.name, "amqp.vhosts=/,staging,old=default").start()
        self.addCleanup(broker.kill)
        port = broker.ports["amqp"]
        with self.assertRaisesRegex(ConnectionError, "530 NOT_ALLOWED"):
            wire.Amqp(port, vhost="nowhere")
        staging = wire.Amqp(port, vhost="staging")
        staging.declare("orders")
        staging.select_confirms()
        staging.publish_confirmed("orders", b"x")
        self.assertEqual(broker.request("GET", "/api/queues/orders")[0], 404)
        self.assertEqual(broker.request("GET", "/api/queues/orders?space=staging")[1]["ready"], 1)
        wire.Amqp(port).declare("orders")
        self.assertEqual(broker.request("GET", "/api/queues/orders")[1]["ready"], 0)
        old = wire.Amqp(port, vhost="old")
        old.select_confirms()
        old.publish_confirmed("orders", b"y")
        self.assertEqual(broker.request("GET", "/api/queues/orders")[1]["ready"], 1)


if __name__ == "__main__":
    unittest.main()
