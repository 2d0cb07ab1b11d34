"""clang-tidy finds nothing in src/.

A file that passed with the same text, includes of ours and settings is not looked at again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cpp
from tree import Finding, Tree

NAME = "tidy"
TOOL = "clang-tidy-19"
BUILD = "build/clang"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "godwit-tidy"


def check(tree: Tree) -> list[Finding]:
    if shutil.which(TOOL) is None:
        return [Finding(".clang-tidy", 1, f"{TOOL} is missing")]
    subprocess.run(["cmake", "--preset", "clang"], cwd=tree.root, check=True, stdout=subprocess.DEVNULL)
    entries = json.loads((tree.root / BUILD / "compile_commands.json").read_text())
    commands = {entry["file"]: entry["command"] for entry in entries}
    keys = {path: _key(tree, path, commands.get(str(tree.root / path), ""))
            for path in tree.select("src", suffixes=(".cc",))}
    left = [path for path, key in keys.items() if not (_CACHE / key).exists()]
    print(f"tidy: {len(left)} of {len(keys)} files changed", file=sys.stderr)
    found: list[Finding] = []
    with ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count() or 1))) as pool:
        for done, (path, output) in enumerate(zip(left, pool.map(lambda path: _run(tree, path), left)), 1):
            print(f"tidy: [{done}/{len(left)}] {path}", file=sys.stderr)
            if output:
                found.append(Finding(path, 1, output))
            else:
                _CACHE.mkdir(parents=True, exist_ok=True)
                (_CACHE / keys[path]).touch()
    return found


def _run(tree: Tree, path: str) -> str:
    """clang-tidy's complaints about one file, or nothing."""
    run = subprocess.run([TOOL, "-p", BUILD, "--quiet", path],
                         cwd=tree.root, capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else "\n" + (run.stdout.strip() or run.stderr.strip())


def _key(tree: Tree, path: str, command: str) -> str:
    """A digest of all that the verdict depends on, the system's own headers apart."""
    digest = hashlib.sha256((tree.text(".clang-tidy") or "").encode())
    digest.update(command.replace(str(tree.root), "").encode())
    for name in sorted(_reached(tree, path, set())):
        digest.update(f"\0{name}\0{tree.text(name)}".encode())
    return digest.hexdigest()


def _reached(tree: Tree, path: str, seen: set[str]) -> set[str]:
    """The file and every header of ours that it includes, directly or not."""
    seen.add(path)
    for include in cpp.includes(tree.text(path) or ""):
        header = f"src/{include.name}"
        if not include.angled and header not in seen and header in tree.files:
            _reached(tree, header, seen)
    return seen
