import unittest
from unittest import mock

from checks import formatting, shell, tidy
from planted import PlantedTest

MOVED = ('#include <utility>\n#include <string>\n\nvoid take(std::string);\n\nsize_t twice(std::string a) {\n  take(std::move(a));\n'
         "  return a.size();\n}\n")


class FormattingTest(PlantedTest):
    own = (".clang-format",)

    def test_unformatted_code(self):
        self.assert_found(formatting, {"src/a.cc": "int x;\n\nint  y;\n", "src/b.cc": "int x;\n"}, "src/a.cc:3")

    def test_a_missing_tool_fails(self):
        with mock.patch.object(formatting, "TOOL", "no-such-tool"), self.assertRaises(FileNotFoundError):
            self.found(formatting, {"src/a.cc": "int x;\n"})


class ShellTest(PlantedTest):
    def test_an_unquoted_variable(self):
        self.assert_found(shell, {"run": "#!/usr/bin/env bash\nrm $1\n", "fine.sh": '#!/bin/sh\nrm "$1"\n'}, "run:2")


class TidyTest(PlantedTest):
    own = (".clang-tidy",)

    def test_a_use_after_move_until_it_is_mended(self):
        self.write("CMakePresets.json", '{"version": 6, "configurePresets": [{"name": "clang", "generator": "Ninja", '
                   '"binaryDir": "${sourceDir}/build/clang", "cacheVariables": {"CMAKE_CXX_COMPILER": "clang++-19"}}]}\n')
        self.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(planted LANGUAGES CXX)\n"
                   "set(CMAKE_EXPORT_COMPILE_COMMANDS ON)\nadd_library(planted src/a.cc)\n")
        with mock.patch.object(tidy, "_CACHE", self.root / "cache"):
            for _ in range(2):
                found = self.found(tidy, {"src/a.cc": MOVED})
                self.assertEqual(["src/a.cc"], [f.path for f in found])
                self.assertIn("bugprone-use-after-move", found[0].message)
            self.assert_found(tidy, {"src/a.cc": MOVED.replace("a.size()", "0")})
            with mock.patch.object(tidy, "_run", side_effect=AssertionError("looked at again")):
                self.assert_found(tidy, {})

    def test_a_missing_tool_fails(self):
        with mock.patch.object(tidy, "TOOL", "no-such-tool"):
            self.assert_found(tidy, {"src/a.cc": "int x;\n"}, ".clang-tidy:1")


if __name__ == "__main__":
    unittest.main()
