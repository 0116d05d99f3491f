"""Cases 76 to 86: what checks, splits and features say of a table, whatever format it came in."""

from tests.bad_inputs.of_values import filled, texts
from tests.bad_inputs.words import (
    Case,
    Elsewhere,
    Input,
    Quarantined,
    Taken,
    csv,
    elsewhere,
    jsonl,
    parquet,
    sqlite,
)

STAGE = "tests/bad_inputs/test_checked.py::"
RATIO = "select n, n / x as ratio from data"
HELD = "ratio: 1 results of the SQL were inf or nan"
HOSTILE = ("=cmd()", "<script>alert(1)</script>")


def checked(number: int, title: str, test: str) -> Case:
    """Return a case that a test runs over the same table in every format."""
    return elsewhere(number, title, f"{STAGE}{test}")


def _divided() -> dict[str, tuple[Input, ...]]:
    gets = Taken({"n": [1, 2], "ratio": [0.25, None]}, warns=HELD)
    return {
        "csv": (csv("n,x\n1,4\n2,0\n", gets, sql=RATIO),),
        "parquet": (parquet({"n": [1, 2], "x": [4, 0]}, gets, sql=RATIO),),
        "jsonl": (jsonl('{"n": 1, "x": 4}\n{"n": 2, "x": 0}\n', gets, sql=RATIO),),
        "sqlite": (sqlite(filled(["4", "0"]), gets, sql=RATIO),),
    }


def _hostile() -> dict[str, tuple[Input | Elsewhere, ...]]:
    first, second = HOSTILE
    gets = Taken({first: [1, 2], second: ["=1+1", "<b>"]})
    pages = (
        Elsewhere("tests/report/test_page.py::test_names_and_values_are_text"),
        Elsewhere(
            "tests/cli/test_data.py::test_hostile_names_and_values_reach_no_terminal_and_no_page"
        ),
    )
    named = f'"{first}", "{second}"'
    return {
        "csv": (csv(f"{first},{second}\n1,=1+1\n2,<b>\n", gets), *pages),
        "parquet": (parquet({first: [1, 2], second: ["=1+1", "<b>"]}, gets),),
        "jsonl": (
            jsonl(
                "".join(
                    f'{{"{first}": {n}, "{second}": "{text}"}}\n'
                    for n, text in ((1, "=1+1"), (2, "<b>"))
                ),
                gets,
            ),
        ),
        "sqlite": (
            sqlite(f"CREATE TABLE t ({named}); INSERT INTO t VALUES (1, '=1+1'), (2, '<b>')", gets),
        ),
    }


_DRIFTED = texts(
    ["1", "two"],
    Quarantined("'two' is not an integer", (2,)),
    source={"types": {"x": "integer"}},
)
_DRIFT = (Elsewhere(f"{STAGE}test_case_78_the_type_of_a_column_drifts"),)

CASES = (
    checked(76, "missing column", "test_case_76_a_missing_column"),
    checked(77, "extra column", "test_case_77_an_extra_column"),
    Case(78, "type drift", **{word: (*one, *_DRIFT) for word, one in _DRIFTED.items()}),
    checked(79, "all-null column", "test_case_79_a_column_without_values_keeps_its_width"),
    checked(80, "constant column", "test_case_80_a_constant_column"),
    elsewhere(
        81,
        "unseen category",
        "tests/features/test_pipeline.py::test_an_unseen_level_follows_the_policy",
    ),
    elsewhere(
        82,
        "exploding one-hot",
        "tests/featurize/test_stage.py::test_a_one_hot_that_explodes_is_refused",
    ),
    elsewhere(
        83,
        "the target as a feature, a copy of it",
        "tests/featurize/test_check.py::test_all_problems_come_at_once",
        "tests/validate/doctor/test_leaks.py::test_a_copy_of_the_target_is_an_error_in_any_form",
    ),
    elsewhere(
        84,
        "both sides of a split",
        "tests/split/test_properties.py::test_case_84_no_entity_is_on_both_sides_or_in_two_folds",
        "tests/split/test_properties.py::test_case_84_no_timestamp_is_on_both_sides",
        "tests/validate/doctor/test_sides.py::test_an_entity_on_both_sides",
        "tests/validate/doctor/test_sides.py::"
        "test_entities_may_be_on_both_sides_of_a_moment_and_a_moment_may_not",
    ),
    Case(
        85,
        "division by zero, log of a negative",
        **{
            word: (
                *one,
                Elsewhere(
                    "tests/features/test_pipeline.py::test_a_logarithm_of_what_has_none_is_missing"
                ),
            )
            for word, one in _divided().items()
        },
    ),
    Case(86, "hostile names", **_hostile()),
)
