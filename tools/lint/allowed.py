"""The lists of old breaks that are tolerated: tools/lint/allowed.toml. A list may only shrink.

A check whose findings carry a key has a section there: `entries` maps a key to its ceiling (0 where there is no size).
`at_most` closes the list: once a commit has set it, no later one may raise or drop it. Until then the list is open and
grows with `./dev lint --update-allowed`.
"""

import subprocess
import tomllib
from pathlib import Path

from tree import Finding

PATH = "tools/lint/allowed.toml"
_HEADER = """# Old breaks of the size and mirror rules. A list may only shrink: `./dev lint --update-allowed` takes out what is
# mended, and `at_most`, once set, can only fall.
"""


class Allowed:
    def __init__(self, sections: dict, ceilings: dict[str, int]):
        self.sections = sections
        self.ceilings = ceilings

    @staticmethod
    def load(root: Path) -> "Allowed":
        file = root / PATH
        return Allowed(tomllib.loads(file.read_text()) if file.exists() else {}, _ceilings(root))

    def entries(self, check: str) -> dict[str, int]:
        return self.sections.get(check, {}).get("entries", {})

    def filter(self, check: str, findings: list[Finding]) -> list[Finding]:
        """The findings that the list does not cover, and those about the list itself."""
        entries = self.entries(check)
        left = [f for f in findings if not f.key or f.key not in entries or f.size > entries[f.key]]
        stale = entries.keys() - {finding.key for finding in findings}
        left += [Finding(PATH, 1, f"{check}: {key} is mended; take it out of the list") for key in sorted(stale)]
        return left + self._growth(check)

    def _growth(self, check: str) -> list[Finding]:
        at_most = self.sections.get(check, {}).get("at_most")
        lowest = self.ceilings.get(check)
        found = []
        if lowest is not None and (at_most is None or at_most > lowest):
            found.append(Finding(PATH, 1, f"{check}: at_most was {lowest} and may only fall"))
        if at_most is not None and len(self.entries(check)) > at_most:
            found.append(Finding(PATH, 1, f"{check}: {len(self.entries(check))} entries, at most {at_most}"))
        return found

    def updated(self, found: dict[str, list[Finding]]) -> str:
        """The file's new text: mended entries out; new ones in where the list is still open."""
        lines = [_HEADER.rstrip()]
        for check, findings in sorted(found.items()):
            old, at_most = self.entries(check), self.sections.get(check, {}).get("at_most")
            keyed = {f.key: f.size for f in findings if f.key}
            kept = {key: (size if at_most is None else min(size, old.get(key, size)))
                    for key, size in keyed.items() if at_most is None or key in old}
            lines += ["", f"[{check}]"]
            if at_most is not None:
                lines.append(f"at_most = {min(at_most, len(kept))}")
            lines.append(f"[{check}.entries]")
            lines += [f'"{key}" = {size}' for key, size in sorted(kept.items())]
        return "\n".join(lines) + "\n"


def _git(root: Path, *arguments: str) -> str:
    """What git prints; nothing where it fails, as before the first commit."""
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False).stdout


def _ceilings(root: Path) -> dict[str, int]:
    """The lowest at_most of each section in the file's history."""
    log = _git(root, "log", "--format=%H", "--", PATH)
    lowest: dict[str, int] = {}
    for commit in log.split():
        try:
            sections = tomllib.loads(_git(root, "show", f"{commit}:{PATH}"))
        except tomllib.TOMLDecodeError:
            continue
        for check, section in sections.items():
            if "at_most" in section:
                lowest[check] = min(section["at_most"], lowest.get(check, section["at_most"]))
    return lowest
