"""One broker process on a directory and free ports of its own."""
import http.client
import json
import os
import re
import select
import subprocess
import tempfile
import time

BINARY = os.environ.get("GODWIT_BIN", "build/release/godwit")
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30


class Broker:
    def __init__(self, directory: str, *settings: str, arguments: tuple[str, ...] = (), preexec=None):
        self.directory = directory
        self.settings = ("amqp.port=0", "kafka.port=0", "http.port=0", "storage.journal_bytes_max=16MiB", *settings)
        self.arguments = arguments
        self.preexec = preexec
        self.process: subprocess.Popen | None = None
        self.log = ""
        self.ports: dict[str, int] = {}

    def start(self) -> "Broker":
        """Starts and waits for `ready`; raises with the log when the process ends first."""
        sets = [argument for setting in self.settings for argument in ("--set", setting)]
        self.log = ""
        self.process = subprocess.Popen([BINARY, "serve", "--data", self.directory, *sets, *self.arguments],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=self.preexec)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not re.search(r"\bready\b.*listen=", self.log):
            if not self.read_log(deadline - time.monotonic()):
                code = self.process.wait(STOP_TIMEOUT_S)
                raise RuntimeError(f"ended with {code}:\n{self.log}")
        line = next(line for line in self.log.splitlines() if " ready " in line)
        for address in re.search(r"listen=(\S+)", line)[1].strip('"').split(","):
            self.ports[address.split(":")[0]] = int(address.rsplit(":", 1)[1])
        return self

    def read_log(self, timeout_s: float) -> bool:
        """Takes what has been logged; False at the end of the log or of the time."""
        fd = self.process.stderr.fileno()
        if not select.select([fd], [], [], max(0.0, timeout_s))[0]:
            return False
        data = os.read(fd, 65536)
        self.log += data.decode()
        return bool(data)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.terminate()
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while self.read_log(deadline - time.monotonic()):
            pass
        code = self.process.wait(STOP_TIMEOUT_S)
        self.process.stderr.close()
        return code

    def request(self, method: str, path: str, body: object = None, headers: dict | None = None) -> tuple[int, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=15)
        connection.request(method, path, None if body is None else json.dumps(body), headers or {})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        kind = response.getheader("Content-Type", "")
        return response.status, json.loads(text) if kind == "application/json" else text

    def cli(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        url = f"http://127.0.0.1:{self.ports['http']}"
        return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "GODWIT_URL": url}, check=False)

    def rss_bytes(self) -> int:
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def eventually(condition, timeout_s: float = 15) -> bool:
    """Asks until it holds, the last time when the time is over."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def temporary_directory() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="godwit-server-test-")
