"""Hostile connections, many and slow: each does one small thing about once a second, so that what they cost is the broker's doing
and not their own traffic's. One process: `on` and `off` on standard input open and close them all, the answer is the number that
the broker has closed."""

import asyncio
import itertools
import os
import random
import socket
import struct
import sys

import wire

#: Seconds between two acts of one connection, and before it comes back after it was closed.
PACE_S = 1.0
RECEIVE_BUFFER_BYTES = 4096
MESSAGE_BYTES = 16 << 20
CHANNELS_AN_ACT = 20


class Peer:
    """One connection as its kind sees it."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def pause(self) -> None:
        await asyncio.sleep(PACE_S * random.uniform(0.5, 1.5))

    async def drain(self) -> None:
        """Takes what the broker says until it closes."""
        while await self.reader.read(65536):
            pass

    async def trickle(self, data: bytes, step: int) -> None:
        for at in range(0, len(data), step):
            await self.send(data[at:at + step])
            await self.pause()
        await self.drain()


async def silent(peer: Peer) -> None:
    await peer.drain()


async def garbage(peer: Peer) -> None:
    await peer.send(os.urandom(random.randrange(1, 5000)))
    await peer.drain()


async def slow_garbage(peer: Peer) -> None:
    await peer.trickle(os.urandom(200), 1)


async def amqp_half_header(peer: Peer) -> None:
    await peer.send(wire.AMQP_HEADER[:5])
    await peer.drain()


async def amqp_no_login(peer: Peer) -> None:
    await peer.send(wire.AMQP_HEADER)
    await peer.drain()


async def amqp_wrong_password(peer: Peer) -> None:
    await peer.send(wire.AMQP_HEADER + wire.start_ok(password="wrong"))
    await peer.drain()


async def amqp_loris(peer: Peer) -> None:
    await peer.send(wire.handshake())
    await peer.trickle(wire.frame(wire.METHOD, 1, os.urandom(100)), 1)


async def amqp_size_lie(peer: Peer) -> None:
    await peer.send(wire.handshake() + struct.pack(">BHI", wire.METHOD, 1, 0xFFFFFFFF) + b"x" * 100)
    await peer.drain()


async def amqp_size_of_the_largest(peer: Peer) -> None:
    await peer.send(wire.handshake() + struct.pack(">BHI", wire.METHOD, 0, 131064) + b"x" * 120_000)
    await peer.drain()


async def amqp_no_frame_end(peer: Peer) -> None:
    await peer.send(wire.handshake() + wire.channel_open(1)[:-1] + b"\x00")
    await peer.drain()


async def amqp_huge_body(peer: Peer) -> None:
    await peer.send(wire.handshake() + wire.channel_open(1) + wire.publish(1, "hostile", MESSAGE_BYTES))
    while True:
        await peer.send(wire.frame(wire.BODY, 1, b"x" * 1000))
        await peer.pause()


async def amqp_many_bodies(peer: Peer) -> None:
    """Unfinished messages on one channel after another."""
    await peer.send(wire.handshake())
    for channel in itertools.cycle(range(1, 2047)):
        opening = wire.channel_open(channel) + wire.publish(channel, "hostile", MESSAGE_BYTES)
        await peer.send(opening + wire.frame(wire.BODY, channel, b"x" * 20_000))
        await peer.pause()


async def amqp_channel_flood(peer: Peer) -> None:
    await peer.send(wire.handshake())
    for first in range(1, 2047, CHANNELS_AN_ACT):
        await peer.send(b"".join(map(wire.channel_open, range(first, first + CHANNELS_AN_ACT))))
        await peer.pause()
    await peer.drain()


async def amqp_never_reads(peer: Peer) -> None:
    await peer.send(wire.handshake() + wire.channel_open(1) + wire.consume(1, "filled"))
    await peer.writer.wait_closed()


async def kafka_two_gigabytes(peer: Peer) -> None:
    await peer.send(struct.pack(">i", 2**31 - 1) + b"x" * 100)
    await peer.drain()


async def kafka_negative(peer: Peer) -> None:
    await peer.send(struct.pack(">i", -random.randrange(1, 2**31)) + b"x" * 100)
    await peer.drain()


async def kafka_half_length(peer: Peer) -> None:
    await peer.send(b"\x00\x00")
    await peer.drain()


async def kafka_loris(peer: Peer) -> None:
    await peer.trickle(struct.pack(">i", 100_000_000) + b"\x00" * 1000, 1)


async def kafka_half_of_large(peer: Peer) -> None:
    await peer.send(struct.pack(">i", 100_000_000) + b"\x00" * 200_000)
    while True:
        await peer.send(b"\x00" * 10_000)
        await peer.pause()


async def kafka_huge_array(peer: Peer) -> None:
    body = struct.pack(">hhii", -1, -1, 30000, 2**31 - 1)
    await peer.send(wire.kafka_request(0, 3, body))
    await peer.drain()


async def kafka_unknown_request(peer: Peer) -> None:
    await peer.send(wire.kafka_request(999, 0, b""))
    await peer.drain()


async def kafka_never_reads(peer: Peer) -> None:
    await peer.send(wire.kafka_fetch("filled", 0) * 50)
    await peer.writer.wait_closed()


async def http_slow_request(peer: Peer) -> None:
    await peer.trickle(b"GET /api/topics HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 500, 1)


async def http_endless_header(peer: Peer) -> None:
    await peer.send(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000)
    await peer.drain()


async def http_slow_body(peer: Peer) -> None:
    await peer.send(b"POST /api/topics/t/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16000000\r\n\r\n")
    while True:
        await peer.send(b"x" * 1000)
        await peer.pause()


KINDS = {
    "amqp": [silent, garbage, slow_garbage, amqp_half_header, amqp_no_login, amqp_wrong_password, amqp_loris, amqp_size_lie,
             amqp_size_of_the_largest, amqp_no_frame_end, amqp_huge_body, amqp_many_bodies, amqp_channel_flood,
             amqp_never_reads],
    "kafka": [silent, garbage, slow_garbage, kafka_two_gigabytes, kafka_negative, kafka_half_length, kafka_loris,
              kafka_half_of_large, kafka_huge_array, kafka_unknown_request, kafka_never_reads],
    "http": [silent, garbage, http_slow_request, http_endless_header, http_slow_body],
}


class Attack:
    def __init__(self, ports: dict[str, int]):
        self.lanes = [(ports[protocol], kind) for protocol in KINDS for kind in KINDS[protocol]]
        self.tasks: list[asyncio.Task] = []
        self.closed_by_broker = 0

    async def connection(self, port: int, kind) -> None:
        while True:
            endpoint = socket.socket()
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            endpoint.setblocking(False)
            writer = None
            try:
                await asyncio.get_running_loop().sock_connect(endpoint, ("127.0.0.1", port))
                reader, writer = await asyncio.open_connection(sock=endpoint, limit=1024)
                await kind(Peer(reader, writer))
            except OSError:
                pass
            finally:
                if writer:
                    writer.transport.abort()
                endpoint.close()
            self.closed_by_broker += 1
            await asyncio.sleep(PACE_S * random.uniform(0.5, 1.5))

    def open(self, count: int) -> None:
        lanes = itertools.islice(itertools.cycle(self.lanes), count)
        self.tasks = [asyncio.create_task(self.connection(*lane)) for lane in lanes]

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def main(count: int, ports: dict[str, int]) -> None:
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    attack = Attack(ports)
    while command := (await commands.readline()).decode().strip():
        if command == "on":
            attack.open(count)
        else:
            await attack.close()
        print(attack.closed_by_broker, flush=True)
    await attack.close()


if __name__ == "__main__":
    os.nice(5)
    asyncio.run(main(int(sys.argv[1]), dict(zip(("amqp", "kafka", "http"), map(int, sys.argv[2:])))))
