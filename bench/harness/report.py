"""Medians of the rounds, the table for people, and the JSON for the record."""
import datetime
import json
import statistics
from pathlib import Path

from harness.rows import Metric, Row

OURS = "godwit"
NOISY_SHARE = 0.10  # of the machine's CPU used by neither broker nor client: such a run is marked


def medians(samples: list[dict]) -> dict:
    """Per key the median of the numbers; what is not a number is dropped."""
    keys = [key for key, value in samples[0].items() if isinstance(value, (int, float))]
    return {key: statistics.median(sample[key] for sample in samples) for key in keys}


def noisy(samples: list[dict]) -> bool:
    shares = [value for sample in samples for key, value in sample.items() if key.endswith("others_share")]
    return bool(shares) and statistics.median(shares) > NOISY_SHARE


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _verdict(metric: Metric, ours: float | None, theirs: list[float]) -> str:
    if ours is None or metric.reach is None:
        return ""
    for name, goal in (("further", metric.further), ("reached", metric.reach)):
        if goal is not None and metric.met(goal, ours, theirs):
            return name
    return "no peer" if metric.met(metric.reach, ours, theirs) is None else "MISSED"


def _lines(row: Row, results: dict[str, list[dict]], peers: list[str]) -> list[list[str]]:
    middle = {peer: medians(results[peer]) for peer in peers if results.get(peer)}
    lines = []
    for metric in row.metrics:
        values = {peer: middle[peer][metric.name] for peer in middle if metric.name in middle[peer]}
        ours = values.get(OURS)
        theirs = [value for peer, value in values.items() if peer != OURS]
        times = metric.times_better(ours, metric.best(theirs)) if ours is not None and theirs else None
        goals = " / ".join(goal.text(metric.unit) for goal in (metric.reach, metric.further) if goal)
        marks = {peer: "*" if noisy(results[peer]) else "" for peer in values}
        lines.append([row.name, f"{metric.name} [{metric.unit}]",
                      *(_number(values.get(peer)) + marks.get(peer, "") for peer in peers),
                      f"{times:.2f}x" if times else "", goals, _verdict(metric, ours, theirs)])
    return lines


def table(rows: list[Row], results: dict[str, dict[str, list[dict]]], peers: list[str]) -> str:
    """One line a metric; the ratio says how many times better Godwit is than the best peer."""
    lines = [["row", "metric", *peers, "ratio", "reach / further", ""]]
    for row in rows:
        lines.extend(_lines(row, results.get(row.name, {}), peers))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:],
                      f"* more than {NOISY_SHARE:.0%} of the machine was used by others during the run"])


def write_json(directory: Path, head: dict, rows: list[Row], results: dict) -> Path:
    """Writes <date>-<commit>.json (numbered if it exists) and returns its path."""
    directory.mkdir(parents=True, exist_ok=True)
    stem = f"{datetime.date.today().isoformat()}-{head['commit']}"
    path, number = directory / f"{stem}.json", 1
    while path.exists():
        number += 1
        path = directory / f"{stem}-{number}.json"
    record = {**head, "rows": {
        row.name: {peer: {"median": medians(samples), "rounds": samples} for peer, samples in results[row.name].items()}
        for row in rows if results.get(row.name)}}
    path.write_text(json.dumps(record, indent=1) + "\n")
    return path
