#!/usr/bin/env python3
"""The checks of the tree. Run as ./dev lint [check...]; --list names them, --fast leaves out clang-tidy, --fix formats,
--update-allowed rewrites the lists of tolerated breaks."""

import argparse
import sys
from pathlib import Path

from allowed import PATH, Allowed
from checks import (banned, dependencies, format_pages, formatting, functions, layers, links, machine_paths, mirrors,
                    oversize, shell, tidy, todos, whitespace)
from tree import Finding, Tree

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {check.NAME: check for check in (
    formatting, layers, mirrors, oversize, functions, banned, todos, format_pages, links, dependencies, whitespace,
    machine_paths, shell, tidy)}
LISTED = (mirrors.NAME, oversize.NAME, functions.NAME)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev lint", description=__doc__)
    parser.add_argument("checks", nargs="*", metavar="check")
    for flag in ("--list", "--fast", "--fix", "--update-allowed"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if unknown := set(options.checks) - CHECKS.keys():
        parser.error(f"no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    if options.list:
        for name, check in CHECKS.items():
            print(f"{name:14} {(check.__doc__ or '').splitlines()[0]}")
        return 0
    tree, allowed = Tree(ROOT), Allowed.load(ROOT)
    if options.fix:
        formatting.fix(tree)
        return 0
    if options.update_allowed:
        (ROOT / PATH).write_text(allowed.updated({name: CHECKS[name].check(tree) for name in LISTED}))
        return 0
    names = options.checks or [name for name in CHECKS if not (options.fast and name == tidy.NAME)]
    return _report(tree, allowed, names)


def _report(tree: Tree, allowed: Allowed, names: list[str]) -> int:
    broken = 0
    for name in names:
        try:
            findings = CHECKS[name].check(tree)
        except FileNotFoundError as missing:
            findings = [Finding("tools/packages.txt", 1, f"{missing.filename} is not installed: ./dev install")]
        if name in LISTED:
            findings = allowed.filter(name, findings)
        for finding in findings:
            print(f"{finding.path}:{finding.line}: {finding.message} [{name}]")
        broken += len(findings)
        print(f"{name}: {f'{len(findings)} found' if findings else 'ok'}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
