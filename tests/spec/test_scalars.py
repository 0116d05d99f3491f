"""Cases 5 to 8 and 15: what an unquoted word means."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.spec.scalars import AmbiguousError, read


@pytest.mark.parametrize(
    "text",
    [
        "NO", "no", "yes", "Yes", "on", "OFF", "y", "n", "22:22", "1:30:00", "2026-05-01",
        "2026-05-01T12:00:00Z", "1_000", "0b11", "1e", "e3", "+", "-", ".", "1.2.3", "0x", "0o9",
        "nan", "inf", "Infinity", "tRue", "=", "1,5", "--1", "+-1", "0x-1", "٣",
    ],
)  # fmt: skip
def test_5_and_7_words_of_yaml_1_1_stay_text(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1E3", 1000.0), ("12e03", 12000.0), ("-.5", -0.5), ("1.", 1.0),
        ("+7", 7), ("-0", 0), ("0", 0), ("0o17", 15), ("0x1F", 31), ("0.50", 0.5),
        ("true", True), ("FALSE", False), ("~", None), ("", None), ("Null", None),
    ],
)  # fmt: skip
def test_8_numbers_and_constants_of_the_core_schema(text: str, value: object) -> None:
    found = read(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["010", "-08", "00", "+0123", ".nan", ".NaN", ".inf", "-.INF", "1e999", "1" * 101]
)
def test_6_and_15_ambiguous_numbers_are_refused_with_a_hint(text: str) -> None:
    with pytest.raises(AmbiguousError) as caught:
        read(text)
    assert caught.value.hint


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**50), 10**50))
def test_what_python_writes_reads_back(number: float) -> None:
    found = read(repr(number))
    assert found == number
    assert type(found) is type(number)


@given(st.text(max_size=20))
def test_any_text_is_a_finite_value_or_is_refused(text: str) -> None:
    try:
        value = read(text)
    except AmbiguousError:
        return
    assert not isinstance(value, float) or math.isfinite(value)
    assert not isinstance(value, str) or value == text
