import unittest

from checks import banned, dependencies, format_pages, links, machine_paths, mirrors, todos, whitespace
from planted import PlantedTest


class BannedTest(PlantedTest):
    own = (banned.TABLE,)

    def test_every_word_is_found_outside_its_folders(self):
        for line in ("throw 1;", "std::mutex m;", "std::condition_variable c;", "std::thread t;", "std::atomic<int> a;",
                     "auto t = std::chrono::system_clock::now();", "clock_gettime(CLOCK_REALTIME, &t);", "time(nullptr);",
                     "std::this_thread::sleep_for(1s);", "usleep(5);", "std::random_device d;"):
            with self.subTest(line):
                self.assert_found(banned, {"src/engine/a.cc": f"int x;\n{line}\n"}, "src/engine/a.cc:2")

    def test_comments_strings_and_home_do_not_count(self):
        self.assert_found(banned, {
            "src/engine/a.cc": '// throw\nauto s = "std::mutex";\nint throwing;\n',
            "src/runtime/b.cc": "std::mutex m;\nstd::thread t;\n",
            "tests/unit/c_test.cc": "std::thread t;\n"})


class MirrorsTest(PlantedTest):
    def test_a_unit_without_its_test(self):
        self.assert_found(mirrors, {
            "src/base/a.cc": "void f(int x) {\n  if (x > 0) g();\n}\n", "src/base/a.h": "void f(int x);\n",
            "src/base/b.h": "inline int f(int x) {\n  while (x) --x;\n  return x;\n}\n", "tests/unit/base/b_test.cc": "",
            "src/base/b_more.cc": "void g(int x) {\n  if (x > 0) h();\n}\n",
            "src/base/plain.h": "// if (this were code)\nstruct P {\n  int x = 0;\n};\n"}, "src/base/a.cc:1")


class TodosTest(PlantedTest):
    def test_an_issue_is_named(self):
        word = "TO" + "DO"
        self.assert_found(todos, {"src/a.cc": f"// {word}(#12): later\n// {word}: some day\n"}, "src/a.cc:2")


class FormatPagesTest(PlantedTest):
    PAGE = ("`tests/golden/a_v1.hex`\n## 1. Worked example\n```\n01      one\n   02   two\n```\n"
            "## What each check catches\n## What it does badly\n")

    def test_a_format_without_its_page(self):
        self.assert_found(format_pages, {
            format_pages.INDEX: "[chunk](chunk.md)\n", "docs/formats/chunk.md": self.PAGE, "docs/formats/hidden.md": self.PAGE,
            "tests/golden/a_v1.hex": "01 02\n", "src/storage/chunk_format.h": "", "src/storage/segment_format.h": ""},
            "docs/formats/hidden.md:1", "src/storage/segment_format.h:1")

    def test_a_page_without_its_parts_and_bytes(self):
        self.assert_found(format_pages, {
            format_pages.INDEX: "[a](a.md) [b](b.md)\n", "docs/formats/a.md": self.PAGE.replace("badly", ""),
            "docs/formats/b.md": self.PAGE.replace("a_v1", "b_*"), "tests/golden/a_v1.hex": "01 02\n",
            "tests/golden/b_v1.hex": "02\n", "tests/golden/b_v2.hex": "01\n02", "tests/golden/c_v1.hex": "03"},
            "docs/formats/a.md:1", "tests/golden/c_v1.hex:1")

    def test_an_example_that_is_not_the_golden_files(self):
        self.assert_found(format_pages, {
            format_pages.INDEX: "[a](a.md)\n", "docs/formats/a.md": self.PAGE, "tests/golden/a_v1.hex": "01 03\n"},
            "docs/formats/a.md:3")


class LinksTest(PlantedTest):
    def test_a_link_that_leads_nowhere(self):
        self.assert_found(links, {
            "README.md": "[a](docs/a.md) [b](docs/b.md#part) [c](https://example.com/c) [d](#here)\n```\n[x](y.md)\n```\n",
            "docs/a.md": "[up](../README.md), [folder](../docs/)\n\n[gone](c.md)\n"}, "README.md:1", "docs/a.md:3")


class DependenciesTest(PlantedTest):
    def test_a_package_without_its_reason(self):
        self.assert_found(dependencies, {
            dependencies.PACKAGES: "# why\n[build]\ncmake\nlibnew-dev\n[clients]\nnodejs node\n",
            dependencies.PAGE: "| cmake, nodejs | building |\n"}, f"{dependencies.PACKAGES}:4")


class WhitespaceTest(PlantedTest):
    def test_ends_of_lines_and_files(self):
        self.assert_found(whitespace, {
            "README.md": "a \nb\n", "src/a.cc": "a\n\tb\n", "dev": "no newline", "tests/golden/a.txt": "kept \n",
            "src/b.h": "fine\n"}, "README.md:1", "dev:1", "src/a.cc:2")


class MachinePathsTest(PlantedTest):
    def test_a_path_of_one_machine(self):
        home = "/ho" + "me/ann/x"
        self.assert_found(machine_paths, {
            "a.md": f"see {home}\nfine: ./data /etc/godwit /var/lib/godwit\n", "b.py": 'p = "/wo' + 'rk/main/x"\n',
            "c.md": "a/work/b, https://example.com/work/x, $HOME/work/y\n"}, "a.md:1", "b.py:1")


if __name__ == "__main__":
    unittest.main()
