"""Starts, stops and restarts a server process that outlives the script which started it.

A server is described by a JSON file (its "state"), so that any process can restart it: the test suites are handed
`broker.py restart STATE` as a plain command and need not know what they restart.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


class StartError(RuntimeError):
    """The server ended, or did not become ready in time; the message carries the end of its log."""


_given: set[int] = set()


def free_port() -> int:
    """A TCP port on loopback that nothing listens on now and that was not given before, of GODWIT_TEST_PORTS (first-last, 20000-29999 if unset).

    The default lies below the system's ephemeral range: no client's outgoing connection takes the port while its
    broker is down for a restart.
    """
    first, last = map(int, os.environ.get("GODWIT_TEST_PORTS", "20000-29999").split("-"))
    for port in random.sample(range(first, last + 1), last - first + 1):
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                _given.add(port)
                return port
            except OSError:
                continue
    raise StartError(f"no free port from {first} to {last}")


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(pid: int) -> bool:
    """False also for a zombie, which has ended but waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def start(state_path: Path, timeout_s: float = 90) -> None:
    """Starts what `state_path` describes and returns once it is ready: the log has said so and every port accepts."""
    state = json.loads(state_path.read_text())
    log_path = Path(state["log"])
    seen = log_path.stat().st_size if log_path.exists() else 0
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            state["argv"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, **state["env"]}, cwd=log_path.parent, start_new_session=True)
    state["pid"] = process.pid
    state_path.write_text(json.dumps(state, indent=1))
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(f"ended with {process.returncode}\n{tail(log_path)}")
        with log_path.open("rb") as log:
            log.seek(seen)
            if state["ready"].encode() in log.read() and all(accepts(port) for port in state["ports"]):
                return
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise StartError(f"not ready within {timeout_s} s\n{tail(log_path)}")


def stop(state_path: Path, how: int = signal.SIGTERM, timeout_s: float = 60) -> None:
    """Sends `how` and waits for the end; a server that ignores SIGTERM for `timeout_s` is an error, and is killed."""
    pid = json.loads(state_path.read_text()).get("pid")
    if pid is None or not alive(pid):
        return
    os.kill(pid, how)
    deadline = time.monotonic() + timeout_s
    while alive(pid):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            raise StartError(f"process {pid} did not stop within {timeout_s} s")
        reap(pid)
        time.sleep(0.01)


def reap(pid: int) -> None:
    """Collects the process if it is ours; another process's child is its own parent's business."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def restart(state_path: Path, how: int = signal.SIGTERM) -> None:
    stop(state_path, how)
    start(state_path)


def tail(log_path: Path, lines: int = 20) -> str:
    return "\n".join(log_path.read_text(errors="replace").splitlines()[-lines:])


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("restart", "kill-restart", "stop"):
        sys.exit("usage: process.py restart|kill-restart|stop STATE")
    path = Path(sys.argv[2])
    if sys.argv[1] == "stop":
        stop(path)
    else:
        restart(path, signal.SIGKILL if sys.argv[1] == "kill-restart" else signal.SIGTERM)
