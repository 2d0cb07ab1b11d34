import unittest

import cpp
from checks import functions, oversize
from planted import PlantedTest

BODY = "  step();\n"


def function(lines: int, head: str = "void run() {") -> str:
    return f"{head}\n{BODY * (lines - 2)}}}\n"


class OversizeTest(PlantedTest):
    def test_at_the_limits(self):
        found = self.found(oversize, {
            "src/base/fits.cc": "\n" * 400, "src/base/long.cc": "\n" * 401, "src/base/end.cc": "\n" * 800,
            "tools/never.py": "\n" * 801, "README.md": "\n" * 2000})
        self.assertEqual([("src/base/end.cc", "src/base/end.cc", 800), ("src/base/long.cc", "src/base/long.cc", 401),
                          ("tools/never.py", "", 0)], [(f.path, f.key, f.size) for f in found])


class FunctionsTest(PlantedTest):
    def test_at_the_limit(self):
        self.assert_found(functions, {"src/base/a.cc": function(70), "src/base/b.cc": "int x;\n\n" + function(71)},
                          "src/base/b.cc:3")

    def test_python(self):
        self.assert_found(functions, {"tools/a.py": "def f():\n" + "    pass\n" * 69, "tools/b.py": "def f():\n" + "    pass\n" * 70},
                          "tools/b.py:1")

    def names(self, text: str) -> list[tuple[str, int]]:
        return [(f.name, f.lines) for f in cpp.functions(text)]

    def test_methods_and_namespaces(self):
        text = ("namespace a::b {\nclass C final : public D<E> {\n public:\n  int f() const {\n    return 1;\n  }\n};\n"
                "template <class T>\nvoid g(T t) {\n}\n}  // namespace a::b\n")
        self.assertEqual([("f", 3), ("g", 3)], self.names(text))

    def test_a_constructor_with_braces_in_its_list(self):
        self.assertEqual([("C::C", 4)], self.names("C::C(int a)\n    : a_{a}, b_(a) {\n  run();\n}\n"))

    def test_a_lambda_belongs_to_its_function(self):
        self.assertEqual([("f", 5)], self.names("void f() {\n  auto g = [&] {\n    h();\n  };\n}\n"))

    def test_tables_are_no_functions(self):
        self.assertEqual([], self.names("constexpr std::array<X, 2> kX = {{\n  {1, f(2)},\n}};\nauto kY = make({\n 1,\n});\n"))

    def test_braces_in_text_do_not_count(self):
        self.assertEqual([("f", 5)], self.names('void f() {\n  a("{");  // {\n  b(\'{\');\n  c(R"({)");\n}\n'))

    def test_a_test_is_named_by_suite_and_case(self):
        self.assertEqual([("Queue.Empty", 2)], self.names("TEST(Queue, Empty) {\n}\n"))


if __name__ == "__main__":
    unittest.main()
