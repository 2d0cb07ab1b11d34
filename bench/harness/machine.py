"""What the results were measured on."""
import os
import platform
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def fsync_us(directory: Path, rounds: int = 300, size: int = 4096) -> dict:
    """Times appending `size` bytes and fdatasync in `directory`."""
    path = directory / "fsync-probe"
    block = os.urandom(size)
    took = []
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        for _ in range(rounds):
            begin = time.perf_counter_ns()
            os.write(fd, block)
            os.fdatasync(fd)
            took.append((time.perf_counter_ns() - begin) / 1e3)
    finally:
        os.close(fd)
        path.unlink()
    took.sort()
    return {"size": size, "p50_us": round(statistics.median(took), 1), "p99_us": round(took[int(rounds * 0.99)], 1)}


def describe(directory: Path) -> dict:
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kib / 2**20, 1),
        "kernel": platform.release(),
        "fdatasync": fsync_us(directory),
        "load_average": os.getloadavg(),
    }


def commit() -> str:
    """The short commit of the tree, with `-dirty` when it has changes."""
    git = ["git", "-C", str(ROOT)]
    short = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], check=True, capture_output=True, text=True)
    changes = subprocess.run([*git, "status", "--porcelain", "-uno"], check=True, capture_output=True, text=True)
    return short.stdout.strip() + ("-dirty" if changes.stdout.strip() else "")
