"""The checkout as the checks see it: the files that git knows, and their text."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

CODE = (".cc", ".h")
SCRIPTS = (".py", ".sh", ".js", ".mjs", ".ts", ".tsx", ".java", ".go")
# Bytes that tests compare, and inputs that a fuzzer made: nobody wrote them, nobody may tidy them.
RAW_FOLDERS = ("tests/golden/", "fuzz/corpus/")


@dataclass(frozen=True)
class Finding:
    """One break of a rule. `key` names it in allowed.toml, `size` is what its ceiling is compared with."""

    path: str
    line: int
    message: str
    key: str = ""
    size: int = 0


class Tree:
    def __init__(self, root: Path):
        self.root = root
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, check=True, capture_output=True).stdout.decode()
        self.files = sorted(path for path in set(listed.split("\0")) if path and (root / path).is_file())
        self._texts: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        """The file's text, or None when it is not UTF-8 text."""
        if path not in self._texts:
            raw = (self.root / path).read_bytes()
            try:
                self._texts[path] = None if b"\0" in raw else raw.decode()
            except UnicodeDecodeError:
                self._texts[path] = None
        return self._texts[path]

    def select(self, *folders: str, suffixes: tuple[str, ...] = CODE) -> list[str]:
        """The files below the folders (all when none is given) with one of the suffixes."""
        return [path for path in self.files
                if path.endswith(suffixes) and (not folders or path.startswith(tuple(f + "/" for f in folders)))]

    def written(self) -> list[str]:
        """Every text file that people write."""
        return [path for path in self.files if not path.startswith(RAW_FOLDERS) and self.text(path) is not None]
