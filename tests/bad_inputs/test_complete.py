"""The table of bad inputs names each numbered case of the list once, and each is tested."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.bad_inputs.table import CASES
from tests.bad_inputs.words import FORMATS, Case, Elsewhere, Input, NotHere

ROOT = Path(__file__).parents[2]
LIST = ROOT.parent / "shared/design/bad_inputs.md"
NUMBERS = range(22, 87)


def numbered(text):
    """Return the numbers of the cases in the text of the list, in order."""
    body = text.partition("## Spec")[2].partition("## Figures")[0]
    return [int(number) for number in re.findall(r"(?:^|· )(\d+) ", body, flags=re.MULTILINE)]


def faults(cases, wanted):
    """Return what a table lacks: a case, an entry of a format, a test, a reason."""
    counts = Counter(case.number for case in cases)
    found = [f"case {number} is not there" for number in wanted if not counts[number]]
    found += [
        f"case {number} stands {times} times" for number, times in counts.items() if times > 1
    ]
    found += [f"case {number} is not in the list" for number in counts if number not in wanted]
    for case in cases:
        entries = case.entries()
        found += [f"case {case.number}: nothing of {word}" for word in FORMATS if not case.of(word)]
        if not any(isinstance(entry, Input | Elsewhere) for entry in entries):
            found.append(f"case {case.number} has no test")
        found += [
            f"case {case.number}: there is no test {entry.node}"
            for entry in entries
            if isinstance(entry, Elsewhere) and not is_test(entry.node)
        ]
        found += [
            f"case {case.number}: a format is left out without a reason"
            for entry in entries
            if isinstance(entry, NotHere) and len(entry.why) < 10
        ]
    return found


def is_test(node):
    path, _, name = node.partition("::")
    return name.startswith("test_") and name in _functions(ROOT / path)


@cache
def _functions(path):
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_case_is_in_the_table_once_and_tested():
    assert faults(CASES, NUMBERS) == []


@pytest.mark.skipif(
    not LIST.is_file(), reason="the list of bad inputs is not beside the repository"
)
def test_the_table_is_as_long_as_the_list():
    numbers = numbered(LIST.read_text(encoding="utf-8"))
    assert numbers == list(range(1, numbers[-1] + 1)), "the list is read wrong"
    assert [number for number in numbers if number in NUMBERS] == list(NUMBERS)
    assert {case.number for case in CASES} <= set(numbers)


def test_the_numbers_of_a_list_are_found():
    text = "1 no\n## Spec\n1 a 2 b · 2 c `3` · 3 d (5 x)\n4 e\n## Figures\n5 f\n"
    assert numbered(text) == [1, 2, 3, 4]


GOOD = CASES[0]
BARE = (NotHere("no reason to be here"),)


@pytest.mark.parametrize("removed", [case.number for case in CASES])
def test_a_case_that_is_removed_is_missed(removed):
    kept = [case for case in CASES if case.number != removed]
    assert faults(kept, NUMBERS) == [f"case {removed} is not there"]


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([GOOD, GOOD], "case 22 stands 2 times"),
        ([GOOD, Case(23, "x", BARE, BARE, BARE, BARE)], "case 23 has no test"),
        ([Case(22, "x", GOOD.csv, (), BARE, BARE)], "case 22: nothing of parquet"),
        ([Case(22, "x", GOOD.csv, (NotHere(""),), BARE, BARE)], "without a reason"),
        (
            [Case(22, "x", (Elsewhere("tests/cli/test_lazy.py::test_none"),), BARE, BARE, BARE)],
            "there is no test tests/cli/test_lazy.py::test_none",
        ),
        (
            [Case(22, "x", (Elsewhere("tests/none.py::test_x"),), BARE, BARE, BARE)],
            "there is no test tests/none.py::test_x",
        ),
        ([GOOD, Case(200, "x", *[GOOD.csv] * 4)], "case 200 is not in the list"),
    ],
)
def test_a_fault_of_the_table_is_found(cases, said):
    assert said in "\n".join(faults(cases, [22]))


def test_every_format_runs_most_cases_of_tables():
    inputs = Counter(
        word
        for case in CASES
        for word in FORMATS
        if any(isinstance(entry, Input) for entry in case.of(word))
    )
    assert min(inputs.values()) >= 20, inputs
