"""Just enough of AMQP 0-9-1 and Kafka to time a broker, and to misbehave: bytes in, bytes out, no client library between."""

import socket
import struct
import time

AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8


def short_text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def long_text(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


def method(channel: int, of_class: int, number: int, arguments: bytes = b"") -> bytes:
    return frame(METHOD, channel, struct.pack(">HH", of_class, number) + arguments)


def start_ok(user: str = "guest", password: str = "guest", capabilities: bytes = b"") -> bytes:
    table = b"" if not capabilities else short_text("capabilities") + b"F" + long_text(capabilities)
    return method(0, 10, 11, long_text(table) + short_text("PLAIN") + long_text(f"\0{user}\0{password}".encode())
                  + short_text("en_US"))


def tune_ok(channels: int = 2047, frame_max: int = 131072, heartbeat_s: int = 0) -> bytes:
    return method(0, 10, 31, struct.pack(">HIH", channels, frame_max, heartbeat_s))


def connection_open(vhost: str = "/") -> bytes:
    return method(0, 10, 40, short_text(vhost) + b"\x00\x00")


def capability(name: str) -> bytes:
    return short_text(name) + b"t\x01"


def handshake(vhost: str = "/", capabilities: bytes = b"") -> bytes:
    """All that a client says until its connection is open, in one go: the broker reads it in order."""
    return AMQP_HEADER + start_ok(capabilities=capabilities) + tune_ok() + connection_open(vhost)


def channel_open(channel: int) -> bytes:
    return method(channel, 20, 10, b"\x00")


def publish(channel: int, queue: str, body_bytes: int, exchange: str = "") -> bytes:
    """The method and the header of a persistent message; its body frames follow."""
    return (method(channel, 60, 40, b"\x00\x00" + short_text(exchange) + short_text(queue) + b"\x00")
            + frame(HEADER, channel, struct.pack(">HHQHB", 60, 0, body_bytes, 0x1000, 2)))


def consume(channel: int, queue: str, no_ack: bool = False) -> bytes:
    return method(channel, 60, 20, b"\x00\x00" + short_text(queue) + short_text("") + bytes([2 * no_ack]) + long_text(b""))


class Amqp:
    """A well-behaved connection with one channel."""

    def __init__(self, port: int, vhost: str = "/", capabilities: bytes = b"", timeout_s: float = 20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.aside: list[tuple[int, int]] = []  #: methods of channel 0 that came unasked
        self.socket.sendall(handshake(vhost, capabilities))
        self.wait_for(10, 41)
        self.send(channel_open(1))
        self.wait_for(20, 11)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read_frame(self) -> tuple[int, int, bytes]:
        while True:
            if len(self.buffer) >= 7:
                kind, channel, size = struct.unpack_from(">BHI", self.buffer)
                if len(self.buffer) >= size + 8:
                    payload = self.buffer[7:7 + size]
                    self.buffer = self.buffer[size + 8:]
                    return kind, channel, payload
            data = self.socket.recv(1 << 18)
            if not data:
                raise ConnectionError("closed by the broker")
            self.buffer += data

    def read_method(self) -> tuple[int, int, bytes]:
        """The next method other than connection.blocked and unblocked, which are kept aside."""
        while True:
            kind, channel, payload = self.read_frame()
            if kind != METHOD:
                continue
            of_class, number = struct.unpack_from(">HH", payload)
            if (of_class, number) in ((10, 60), (10, 61)):
                self.aside.append((of_class, number))
                continue
            return of_class, number, payload[4:]

    def wait_for(self, of_class: int, number: int) -> bytes:
        while True:
            got = self.read_method()
            if got[:2] == (of_class, number):
                return got[2]
            if got[:2] in ((10, 50), (20, 40)):
                code, size = struct.unpack_from(">HB", got[2])
                raise ConnectionError(f"{code} {got[2][3:3 + size].decode()}")

    def told(self) -> list[tuple[int, int]]:
        """connection.blocked and unblocked so far, each once: what has come until the broker is silent for a second."""
        self.socket.settimeout(1)
        try:
            while True:
                self.read_method()
        except TimeoutError:
            return sorted(set(self.aside))

    def declare(self, queue: str) -> None:
        self.send(method(1, 50, 10, b"\x00\x00" + short_text(queue) + b"\x02" + long_text(b"")))
        self.wait_for(50, 11)

    def select_confirms(self) -> None:
        self.send(method(1, 85, 10, b"\x00"))
        self.wait_for(85, 11)

    def publish(self, queue: str, body: bytes) -> None:
        self.send(publish(1, queue, len(body)) + frame(BODY, 1, body))

    def publish_confirmed(self, queue: str, body: bytes) -> float:
        """Seconds from the first byte to the confirm."""
        started = time.perf_counter()
        self.publish(queue, body)
        self.wait_for(60, 80)
        return time.perf_counter() - started

    def close(self) -> None:
        self.socket.close()


def crc32c_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC32C = crc32c_table()


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC32C[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(value: int) -> bytes:
    value = value << 1 ^ value >> 63
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def record_batch(value: bytes) -> bytes:
    body = b"\x00" + varint(0) + varint(0) + varint(-1) + varint(len(value)) + value + varint(0)
    record = varint(len(body)) + body
    now_ms = int(time.time() * 1000)
    checked = struct.pack(">hiqqqhii", 0, 0, now_ms, now_ms, -1, -1, -1, 1) + record
    return struct.pack(">qiibI", 0, len(checked) + 9, -1, 2, crc32c(checked)) + checked


def kafka_request(key: int, version: int, body: bytes, correlation: int = 1) -> bytes:
    head = struct.pack(">hhi", key, version, correlation) + struct.pack(">h", 4) + b"wire"
    return struct.pack(">i", len(head) + len(body)) + head + body


def kafka_text(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()


def kafka_produce(topic: str, batch: bytes) -> bytes:
    return kafka_request(0, 3, struct.pack(">hhii", -1, -1, 30000, 1) + kafka_text(topic)
                         + struct.pack(">iii", 1, 0, len(batch)) + batch)


def kafka_fetch(topic: str, offset: int, bytes_max: int = 52428800, wait_ms: int = 500) -> bytes:
    return kafka_request(1, 4, struct.pack(">iiiib", -1, wait_ms, 1, bytes_max, 0) + struct.pack(">i", 1)
                         + kafka_text(topic) + struct.pack(">iiqi", 1, 0, offset, bytes_max))


class Kafka:
    """A well-behaved connection with one request at a time."""

    def __init__(self, port: int, timeout_s: float = 20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        self.socket.sendall(request)
        size = struct.unpack(">i", self.read(4))[0]
        return self.read(size)[4:]

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("closed by the broker")
            data += more
        return data

    def produce(self, topic: str, batch: bytes) -> float:
        """Seconds from the first byte to the answer."""
        started = time.perf_counter()
        answer = self.ask(kafka_produce(topic, batch))
        taken = time.perf_counter() - started
        error = struct.unpack_from(">h", answer, 4 + 2 + len(topic) + 4 + 4)[0]
        if error:
            raise RuntimeError(f"Produce was answered with error {error}")
        return taken

    def close(self) -> None:
        self.socket.close()
