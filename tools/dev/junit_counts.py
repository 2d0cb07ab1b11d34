"""Prints "PASSED FAILED" of a JUnit report; a test that was not run counts as failed."""

import sys
import xml.etree.ElementTree

suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
cases = suite.findall(".//testcase")
passed = sum(1 for case in cases if case.get("status") == "run")
print(passed, len(cases) - passed)
