import unittest

import allowed
from planted import PlantedTest
from tree import Finding

OLD = Finding("src/a.cc", 400, "450 lines", key="src/a.cc", size=450)
NEW = Finding("src/b.cc", 400, "410 lines", key="src/b.cc", size=410)
LISTED = '[oversize]\nat_most = 1\n[oversize.entries]\n"src/a.cc" = 450\n'


class AllowedTest(PlantedTest):
    def left(self, text: str, *findings: Finding) -> list[str]:
        self.write(allowed.PATH, text)
        return [f.path for f in allowed.Allowed.load(self.root).filter("oversize", list(findings))]

    def test_a_listed_break_passes_and_a_new_one_does_not(self):
        self.assertEqual(["src/b.cc"], self.left(LISTED, OLD, NEW))

    def test_a_listed_break_may_not_grow(self):
        self.assertEqual(["src/a.cc"], self.left(LISTED.replace("450", "449"), OLD))

    def test_a_mended_break_leaves_the_list(self):
        self.assertEqual([allowed.PATH], self.left(LISTED))

    def test_more_entries_than_at_most(self):
        self.assertEqual([allowed.PATH], self.left(LISTED + '"src/b.cc" = 410\n', OLD, NEW))

    def test_at_most_may_not_rise_nor_go(self):
        self.left(LISTED, OLD)
        self.commit()
        raised = LISTED.replace("at_most = 1", "at_most = 2")
        self.assertEqual([allowed.PATH], self.left(raised, OLD))
        self.assertEqual([allowed.PATH], self.left(LISTED.replace("at_most = 1\n", ""), OLD))
        self.left(raised, OLD)
        self.commit()
        self.assertEqual([allowed.PATH], self.left(raised, OLD), "a commit does not make it right")

    def test_update_takes_out_and_adds_only_while_open(self):
        self.write(allowed.PATH, LISTED)
        closed = allowed.Allowed.load(self.root)
        self.assertNotIn("src/b.cc", closed.updated({"oversize": [OLD, NEW]}))
        self.assertIn("at_most = 0", closed.updated({"oversize": [NEW]}))
        self.assertIn('"src/b.cc" = 410', allowed.Allowed({}, {}).updated({"oversize": [NEW]}))


if __name__ == "__main__":
    unittest.main()
