"""The vocabulary of rows: what is measured, on whom, and what the project wants to reach."""
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.measure import Context


@dataclass(frozen=True)
class Goal:
    """A figure to reach, as a ratio to the best peer (times better, whichever direction is better) or absolute."""
    times: float | None = None
    absolute: float | None = None

    def text(self, unit: str) -> str:
        wanted = []
        if self.times is not None:
            wanted.append(f"{self.times:g}x")
        if self.absolute is not None:
            wanted.append(f"{self.absolute:,g} {unit}".strip())
        return ", ".join(wanted)


@dataclass(frozen=True)
class Metric:
    name: str
    unit: str
    higher_is_better: bool
    reach: Goal | None = None
    further: Goal | None = None

    def times_better(self, ours: float, theirs: float) -> float | None:
        above, below = (ours, theirs) if self.higher_is_better else (theirs, ours)
        return above / below if below > 0 else None

    def best(self, values: list[float]) -> float:
        return max(values) if self.higher_is_better else min(values)

    def met(self, goal: Goal, ours: float, peers: list[float]) -> bool | None:
        """None when it takes a peer's figure and there is none."""
        if goal.absolute is not None and not (ours >= goal.absolute if self.higher_is_better else ours <= goal.absolute):
            return False
        if goal.times is None:
            return True
        if not peers:
            return None
        times = self.times_better(ours, self.best(peers))
        return times is not None and times >= goal.times


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    protocol: str  # of the peers that it runs on; "any" for all
    run: Callable[[Context, object], dict]
    metrics: tuple[Metric, ...]
    rounds_max: int = 100  # long rows whose result hardly varies run fewer rounds
    fresh: bool = False  # starts and stops the peer itself
    per_queue_type: bool = True  # differs between a peer's queue types
    notes: str = field(default="")
