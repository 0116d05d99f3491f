"""Cases 18 and 20: names that would leave their folder, or that meet in one."""

import pytest
from pydantic_core import PydanticCustomError

from mlpipe.spec.names import distinct_ignoring_case, safe_name


@pytest.mark.parametrize("name", ["churn", "a.b-c_1", "2026", "_x", "A" * 64])
def test_names_that_are_safe(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "-rf", "a b", "a..b", "ü", "a\n", "A" * 65],
)
def test_18_names_that_are_not(name: str) -> None:
    with pytest.raises(PydanticCustomError, match="cannot be a name"):
        safe_name(name)


def test_20_names_that_differ_only_in_case() -> None:
    assert distinct_ignoring_case(("a", "b", "a")) == ("a", "b", "a")
    given = {"a": 1, "B": 2}
    assert distinct_ignoring_case(given) is given
    with pytest.raises(PydanticCustomError, match="'Linear' and 'linear' differ only in case"):
        distinct_ignoring_case(["Linear", "x", "linear"])
    with pytest.raises(PydanticCustomError, match="differ only in case"):
        distinct_ignoring_case({"STRASSE": 1, "straße": 2})
