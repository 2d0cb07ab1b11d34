"""Runs a load generator against a peer and accounts for everybody's CPU."""
import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness import process
from harness.machine import ROOT

LOAD_TIMEOUT_S = 1800


@dataclass
class Sizes:
    """How long and how much: one set for real numbers, one for a quick look."""
    seconds: float = 6.0
    warm_up_s: float = 2.0
    latency_s: float = 10.0
    drain_messages: int = 1_000_000
    kafka_warm_up: int = 300_000
    backlog_messages: int = 10_000_000
    start_backlog_messages: int = 1_000_000
    connections: int = 1_000


QUICK = Sizes(seconds=2.0, warm_up_s=0.5, latency_s=3.0, drain_messages=100_000, kafka_warm_up=50_000,
              backlog_messages=200_000, start_backlog_messages=100_000, connections=200)


@dataclass
class Context:
    sizes: Sizes
    builds: Path = ROOT / "build" / "release"
    notes: list[str] = field(default_factory=list)

    def generator(self, name: str) -> str:
        return str(self.builds / "bench" / "load" / name)


class LoadFailed(RuntimeError):
    pass


def load(context: Context, generator: str, *arguments) -> dict:
    """Runs a generator to its end and returns its JSON line."""
    command = [context.generator(generator), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LOAD_TIMEOUT_S)
    if ended.returncode != 0:
        raise LoadFailed(f"{' '.join(command)}: {ended.stderr.strip() or ended.returncode}")
    return json.loads(ended.stdout)


def others_share(busy_s: float, ours_s: float, elapsed_s: float) -> float:
    """The part of the machine's CPU that was busy with neither broker nor load generator."""
    return round(max(0.0, busy_s - ours_s) / elapsed_s / (os.cpu_count() or 1), 3)


def measured(context: Context, peer, generator: str, *arguments) -> dict:
    """`load`, with the broker's CPU a message and the share of the machine that others used meanwhile."""
    broker_before, busy_before, begin = peer.cpu_s(), process.machine_busy_s(), time.monotonic()
    result = load(context, generator, *arguments)
    elapsed = time.monotonic() - begin
    broker_cpu_s = peer.cpu_s() - broker_before
    busy_s = process.machine_busy_s() - busy_before
    result["broker_cpu_s"] = round(broker_cpu_s, 2)
    result["broker_us_per_msg"] = broker_cpu_s * 1e6 / result["messages"]
    result["client_us_per_msg"] = result["client_cpu_s"] * 1e6 / result["messages"]
    result["others_share"] = others_share(busy_s, broker_cpu_s + result["client_cpu_s"], elapsed)
    return result

