"""What a person sees: a progress bar on a terminal, and tables of what was expected and what arrived."""

import sys
import time
from dataclasses import dataclass, field


class Progress:
    """One line that fills; nothing at all where the output is no terminal."""

    def __init__(self, label: str, total: int):
        self.label, self.total, self.shown, self.began = label, total, 0.0, time.monotonic()
        self.terminal = sys.stderr.isatty()

    def show(self, done: int) -> None:
        now = time.monotonic()
        if not self.terminal or (now - self.shown < 0.1 and done < self.total):
            return
        self.shown = now
        filled = 30 * done // max(self.total, 1)
        rate = done / max(now - self.began, 0.001)
        sys.stderr.write(f"\r{self.label:<28} [{'#' * filled}{'.' * (30 - filled)}] {done:>7}/{self.total} {rate:>9,.0f}/s")
        sys.stderr.flush()

    def done(self) -> float:
        """Ends the line and answers how long it took, in seconds."""
        if self.terminal:
            sys.stderr.write("\n")
        return time.monotonic() - self.began


@dataclass
class Table:
    title: str
    rows: list[tuple[str, int, int]] = field(default_factory=list)  # name, in the data, arrived

    def add(self, name: str, expected: int, arrived: int) -> None:
        self.rows.append((name, expected, arrived))

    def mismatches(self) -> int:
        return sum(expected != arrived for _, expected, arrived in self.rows)

    def print(self) -> None:
        width = max(len(name) for name, _, _ in self.rows)
        print(f"\n{self.title}\n  {'':<{width}}  {'data':>8}  {'arrived':>8}")
        for name, expected, arrived in self.rows:
            print(f"  {name:<{width}}  {expected:>8}  {arrived:>8}{'' if expected == arrived else '  <- differs'}")
