"""What every broker under measurement can do."""
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from harness import process

START_TIMEOUT_S = 300
STOP_TIMEOUT_S = 120


class Peer:
    """One broker on loopback with a data directory of its own. Subclasses say how it is installed and started."""

    name = "peer"
    protocols: frozenset[str] = frozenset()
    queue_type = ""  # x-queue-type of the queues declared on it
    idle_queues = 10_000  # how many the idle-queue row declares

    def __init__(self, directory: Path, port: int):
        self.directory = directory / self.name
        self.data = self.directory / "data"
        self.amqp_port = port
        self.kafka_port = port + 1
        self.process: subprocess.Popen | None = None

    def install(self) -> None:
        """Brings what the broker needs; quick when it is there already."""

    def version(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    def prepare(self) -> None:
        """Writes what must exist in an empty directory before the first start."""

    def is_ready(self) -> bool:
        raise NotImplementedError

    def log_path(self) -> Path:
        return self.directory / "broker.log"

    def start(self, fresh: bool = False) -> float:
        """Starts on the data there is, or on none; returns the seconds until it serves."""
        if fresh:
            shutil.rmtree(self.directory, ignore_errors=True)
            os.sync()  # what a large directory leaves to the file system would be taken for this row's
        if not self.directory.exists():
            self.data.mkdir(parents=True)
            self.prepare()
        begin = time.monotonic()
        with open(self.log_path(), "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, cwd=self.directory,
                                            env={**os.environ, **self.environment()})
        if not process.wait_until(lambda: self.process.poll() is not None or self.is_ready(), START_TIMEOUT_S):
            raise RuntimeError(f"{self.name} was not ready in {START_TIMEOUT_S} s, see {self.log_path()}")
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}, see {self.log_path()}")
        return time.monotonic() - begin

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, sig: signal.Signals) -> None:
        if self.process is None:
            return
        process.end_tree(self.process.pid, sig)
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.end_tree(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def cpu_s(self) -> float:
        return process.cpu_s(self.process.pid)

    def rss_bytes(self) -> int:
        return process.rss_bytes(self.process.pid)


def answers(port: int, greeting: bytes, expected: bytes) -> bool:
    """Whether a server on `port` answers `greeting` with bytes that start with `expected`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(greeting)
            return connection.recv(len(expected)) == expected
    except OSError:
        return False


def answers_amqp(port: int) -> bool:
    return answers(port, b"AMQP\x00\x00\x09\x01", b"\x01\x00\x00")


def answers_kafka(port: int) -> bool:
    # ApiVersions version 0, correlation id 7, no client id.
    request = bytes.fromhex("0000000a" "0012" "0000" "00000007" "ffff")
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(8)[4:] == b"\x00\x00\x00\x07"
    except OSError:
        return False
