"""A Godwit broker for a test: free ports, its own data directory, restartable by a command."""

import json
import os
import shlex
import signal
import sys
from pathlib import Path

import process

ROOT = Path(__file__).resolve().parents[2]
CLOSED = ["http.port=off", "management.port=off", "sqs.port=off", "pubsub.port=off", "servicebus.admin_port=off"]


def binary() -> Path:
    path = Path(os.environ.get("GODWIT_BIN", ROOT / "build/release/godwit")).resolve()
    if not os.access(path, os.X_OK):
        sys.exit(f"{path} is missing: build the broker first, or name it in GODWIT_BIN")
    return path


class Broker:
    """`folder` holds the data, the log and the state; `settings` are further `key=value` pairs; `ports` are AMQP's and
    Kafka's, free ones if not given."""

    def __init__(self, folder: Path, settings: list[str] = (), ports: tuple[int, int] | None = None, name: str = "godwit"):
        folder.mkdir(parents=True, exist_ok=True)
        self.amqp_port, self.kafka_port = ports or (process.free_port(), process.free_port())
        pairs = [f"amqp.port={self.amqp_port}", f"kafka.port={self.kafka_port}", *CLOSED, *settings]
        argv = [str(binary()), "serve", "--data", str(folder / "data")]
        for pair in pairs:
            argv += ["--set", pair]
        self.state = folder / f"{name}.json"
        self.log = folder / f"{name}.log"
        self.state.write_text(json.dumps({
            "argv": argv, "env": {}, "ready": "ready", "log": str(self.log),
            "ports": [self.amqp_port, self.kafka_port]}))

    def start(self):
        process.start(self.state)
        return self

    def stop(self):
        process.stop(self.state)

    def restart(self):
        process.restart(self.state)

    def kill(self):
        """kill -9, and wait until the process is gone."""
        process.stop(self.state, signal.SIGKILL)

    def environment(self) -> dict[str, str]:
        """What a suite is told: where the broker listens and how to restart it."""
        command = [sys.executable, str(Path(process.__file__)), "restart", str(self.state)]
        return {
            "GODWIT_AMQP": f"127.0.0.1:{self.amqp_port}",
            "GODWIT_KAFKA": f"127.0.0.1:{self.kafka_port}",
            "GODWIT_RESTART": shlex.join(command),
        }

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
