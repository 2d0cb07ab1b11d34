"""C++ is formatted by clang-format."""

import re
import subprocess

from tree import Finding, Tree

NAME = "formatting"
TOOL = "clang-format-19"
_BREAK = re.compile(r"^(?P<path>.+?):(?P<line>\d+):\d+: error: code should be clang-formatted")


def check(tree: Tree) -> list[Finding]:
    files = tree.select()
    if not files:
        return []
    run = subprocess.run([TOOL, "--dry-run", "--Werror", "--style=file", *files],
                         cwd=tree.root, capture_output=True, text=True, check=False)
    breaks = [match for line in run.stderr.splitlines() if (match := _BREAK.match(line))]
    if run.returncode != 0 and not breaks:
        return [Finding(".clang-format", 1, f"{TOOL} failed: {run.stderr.strip()[:400]}")]
    first = {match["path"]: int(match["line"]) for match in reversed(breaks)}
    return [Finding(path, line, "not formatted: ./dev lint --fix") for path, line in sorted(first.items())]


def fix(tree: Tree) -> None:
    subprocess.run([TOOL, "-i", "--style=file", *tree.select()], cwd=tree.root, check=True)
