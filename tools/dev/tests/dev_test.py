"""./dev itself, in a small tree of its own: what it counts, and that nothing missing passes."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(planted LANGUAGES NONE)
enable_testing()
add_test(NAME good COMMAND ${CMAKE_COMMAND} -E true)
add_test(NAME bad COMMAND ${CMAKE_COMMAND} -E %s)
"""
PRESETS = """{"version": 6, "configurePresets": [
  {"name": "dev", "generator": "Ninja", "binaryDir": "${sourceDir}/build/dev"},
  {"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release"}]}
"""


class DevTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="godwit-dev-"))
        self.addCleanup(shutil.rmtree, self.root)
        subprocess.run(["git", "init", "-q"], cwd=self.root, check=True)
        shutil.copy(ROOT / "dev", self.root / "dev")
        shutil.copytree(ROOT / "tools/dev", self.root / "tools/dev", ignore=shutil.ignore_patterns("tests", "__pycache__"))
        self.write("tools/packages.txt", "[build]\ncmake\n[clients]\nno-such-package bash\n")
        self.write("CMakePresets.json", PRESETS)
        self.write("CMakeLists.txt", CMAKE % "true")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def dev(self, *arguments: str) -> tuple[int, str]:
        """The exit code and the last line."""
        run = subprocess.run(["./dev", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        return run.returncode, (run.stdout if run.stdout else run.stderr).strip().splitlines()[-1]

    def test_counts_tests_and_suites(self):
        self.write("tests/crash/run", "#!/bin/sh\nexit 0\n", 0o755)
        self.assertEqual((0, "5 passed, 0 failed"), self.dev("test", "unit", "crash"))

    def test_a_failing_test_is_counted_and_the_rest_runs(self):
        self.write("CMakeLists.txt", CMAKE % "false")
        self.write("tests/crash/run", "#!/bin/sh\nexit 0\n", 0o755)
        self.assertEqual((1, "4 passed, 1 failed"), self.dev("test", "unit", "crash"))

    def test_a_failing_suite_is_counted(self):
        self.write("tests/crash/run", "#!/bin/sh\nexit 3\n", 0o755)
        self.assertEqual((1, "1 passed, 2 failed"), self.dev("test", "crash"))

    def test_a_suite_that_cannot_be_run_fails(self):
        self.write("tests/crash/run", "#!/bin/sh\nexit 0\n", 0o644)
        self.assertEqual((1, "1 passed, 2 failed"), self.dev("test", "crash"))

    def test_a_build_that_breaks_fails(self):
        self.write("CMakeLists.txt", "nonsense(\n")
        self.assertEqual((1, "0 passed, 1 failed"), self.dev("test", "unit"))

    def test_a_tree_without_tests_fails(self):
        self.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(planted LANGUAGES NONE)\nenable_testing()\n")
        self.assertEqual(1, self.dev("test", "unit")[0])

    def test_a_simulator_without_its_target_fails(self):
        self.write("tests/sim/world.cc", "")
        self.assertEqual((1, "0 passed, 2 failed"), self.dev("test", "sim"))

    def test_parts_that_are_not_there(self):
        for verb in (["sim"], ["fuzz"], ["bench"], ["demo"], ["run"], ["test", "clients"], ["nonsense"]):
            with self.subTest(verb):
                self.assertEqual(1, self.dev(*verb)[0])


if __name__ == "__main__":
    unittest.main()
