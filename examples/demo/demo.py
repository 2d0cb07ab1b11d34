"""Runs the two parts and prints their tables. Exit status 0: every total is what the data itself says."""

import sys
import time

import flights
import webhooks
from report import Table

PARTS = {"webhooks": webhooks.run, "flights": flights.run}


def main() -> int:
    chosen = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in chosen if name not in PARTS]:
        sys.exit(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    tables: list[Table] = []
    began = time.monotonic()
    for name in chosen:
        tables += PARTS[name]()
    for table in tables:
        table.print()
    wrong = sum(table.mismatches() for table in tables)
    checked = sum(len(table.rows) for table in tables)
    print(f"\n{checked - wrong} of {checked} totals match the data, in {time.monotonic() - began:.1f} s")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
