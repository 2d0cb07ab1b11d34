"""What /proc says about a process and its descendants."""
import os
import signal
import time
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def _stat_fields(pid: int) -> list[str]:
    # The command name may hold spaces and brackets: the fields start after its last closing one.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(root: int) -> list[int]:
    """The process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                children.setdefault(int(_stat_fields(int(entry))[1]), []).append(int(entry))
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended while we looked
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def cpu_s(root: int) -> float:
    """User plus system CPU seconds of the tree, with the children it has already waited for."""
    ticks = 0
    for pid in tree(root):
        try:
            ticks += sum(int(field) for field in _stat_fields(pid)[11:15])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return ticks / TICKS_PER_S


def rss_bytes(root: int) -> int:
    """Resident bytes of the tree, exact (smaps_rollup; the counters in status lag behind)."""
    total = 0
    for pid in tree(root):
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    total += int(line.split()[1]) * 1024
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def machine_busy_s() -> float:
    """CPU seconds that all cores together were not idle since boot."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_S


def end_tree(root: int, sig: signal.Signals) -> None:
    """Signals every process of the tree."""
    for pid in tree(root):
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            continue


def wait_until(condition, timeout_s: float, step_s: float = 0.002) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(step_s)
    return False
