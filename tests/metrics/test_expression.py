import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from mlpipe.metrics.expression import expression

COLUMNS = {"fee": np.array([10.0, 20.0, np.nan]), "hours-per-week": np.array([40.0, 0.0, 20.0])}


def values(text: str) -> list[float]:
    return expression(text).values(COLUMNS, 3).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-5", [-5, -5, -5]),
        ("0.3 * fee * 12 - 5", [31, 67, np.nan]),
        ("(fee + 2) / 2", [6, 11, np.nan]),
        ("+fee - -1", [11, 21, np.nan]),
        ("5 * (fee > 15)", [0, 5, np.nan]),
        ("(fee >= 10) + (fee <= 10) + (fee == 10) + (fee != 10) + (fee < 10)", [3, 2, np.nan]),
        ("`hours-per-week` * 2", [80, 0, 40]),
        ("100 / `hours-per-week`", [2.5, np.nan, 5]),
        ("1 / 0", [np.nan] * 3),
        ("fee * 1e14 - 1e15", [0, np.nan, np.nan]),
        ("  fee\n + 1 ", [11, 21, np.nan]),
    ],
)
def test_arithmetic_over_columns(text: str, expected: list[float]) -> None:
    np.testing.assert_array_equal(values(text), expected)


def test_columns_come_once_in_order_of_appearance() -> None:
    assert expression("b + a * b - `c d`").columns == ("b", "a", "c d")


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("__import__('os').system('x')", "__import__('os').system('x')"),
        ("fee.real", "fee.real"),
        ("fee[0]", "fee[0]"),
        ("abs(fee)", "abs(fee)"),
        ("fee + max(1, 2)", "max(1, 2)"),
        ("fee ** 9", "fee ** 9"),
        ("fee // 2", "fee // 2"),
        ("fee % 2", "fee % 2"),
        ("'a' * 9", "'a'"),
        ("True", "True"),
        ("1j", "1j"),
        ("1e999", "1e309"),
        ("9" * 400, "999"),
        ("1 < fee < 2", "1 < fee < 2"),
        ("fee and 1", "fee and 1"),
        ("not fee", "not fee"),
        ("~fee", "~fee"),
        ("1 if fee else 2", "1 if fee else 2"),
        ("lambda: 1", "lambda: 1"),
        ("[fee]", "[fee]"),
        ("(f := 1)", "(f := 1)"),
        ("fee is 1", "fee is 1"),
        ("{**fee}", "{**fee}"),
        ("f'{fee}'", "f'{fee}'"),
    ],
)
def test_all_else_is_refused_with_the_piece(text: str, piece: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        expression(text)
    assert piece in caught.value.message()


@pytest.mark.parametrize(
    "text", ["", "fee +", "fee; 1", "fee\0", "(" * 300, "-" * 400 + "1", "1if fee", "`", "x" * 501]
)
def test_what_does_not_parse_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        expression(text)


@given(st.text(alphabet="ab1.+-*/()<>=!`'[]{}:, \n_eE", max_size=40))
def test_any_text_is_refused_or_gives_a_number_a_row(text: str) -> None:
    try:
        checked = expression(text)
    except PydanticCustomError:
        return
    columns = {name: np.array([1.0, -2.0]) for name in checked.columns}
    found = checked.values(columns, 2)
    assert found.shape == (2,)
    assert not np.isinf(found).any()
