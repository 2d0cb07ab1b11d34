"""A checkout made for one test."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from tree import Finding, Tree

ROOT = Path(__file__).resolve().parents[3]


class PlantedTest(unittest.TestCase):
    """Gives each test an empty checkout; `own` files are copied from this one."""

    own: tuple[str, ...] = ()

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="godwit-lint-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.git("init", "-q")
        for path in self.own:
            self.write(path, (ROOT / path).read_text())

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "planted")

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def found(self, check, files: dict[str, str]) -> list[Finding]:
        for path, text in files.items():
            self.write(path, text)
        return check.check(Tree(self.root))

    def assert_found(self, check, files: dict[str, str], *places: str) -> None:
        """The check finds exactly `path:line` of each place."""
        self.assertEqual(sorted(places), sorted(f"{f.path}:{f.line}" for f in self.found(check, files)))
