"""Reasons: they add up, are Shapley's by enumeration, and coefficients where a model is linear."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from mlpipe.explain.reasons import asked_of_each, reasons
from tests.bundle.samples import fitted
from tests.train.samples import rows

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("a", "b", "c", "d")
ALONE = {name: [name] for name in NAMES}


def table(count: int, seed: int, names: tuple[str, ...] = NAMES) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame({name: random.normal(size=count) for name in names})


def tangled(frame: pd.DataFrame) -> Any:
    a, b, c, d = (frame[name].to_numpy() for name in NAMES)
    return np.sin(a * b * c) + np.where(d > 0, a * c, b) + 0.3 * d


def enumerated(
    predict: Callable[[pd.DataFrame], Any], row: pd.DataFrame, background: pd.DataFrame
) -> dict[str, float]:
    """Shapley's formula itself: every subset, over every row of the background."""
    names = list(row)

    def value(known: tuple[str, ...]) -> float:
        mixed = background.assign(**{name: row[name].iloc[0] for name in known})
        return float(predict(mixed).mean())

    found = dict.fromkeys(names, 0.0)
    for name in names:
        others = [each for each in names if each != name]
        for size in range(len(names)):
            weight = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
            for known in combinations(others, size):
                found[name] += weight * (value((*known, name)) - value(known))
    return found


def test_in_pairs_they_are_exactly_those_of_shapley() -> None:
    def pairs(frame: pd.DataFrame) -> Any:
        a, b, c, d = (frame[name].to_numpy() for name in NAMES)
        return a * b - np.abs(c) * d + np.exp(a) + (b > c)

    row, background = table(1, 1), table(7, 2)
    found = reasons(pairs, row, background, ALONE, seed=0)
    exact = enumerated(pairs, row, background)
    assert dict(zip(found.columns, found.effects[0], strict=True)) == pytest.approx(exact)


def test_in_tangles_they_come_near_those_of_shapley() -> None:
    row, background = table(1, 3), table(400, 4)
    found = reasons(tangled, row, background, ALONE, seed=0)
    exact = enumerated(tangled, row, background)
    assert dict(zip(found.columns, found.effects[0], strict=True)) == pytest.approx(exact, abs=0.06)
    assert max(map(abs, exact.values())) > 0.3


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 4), st.integers(1, 9), st.integers(1, 5), st.integers(0, 2**31), st.booleans()
)
def test_they_add_up_to_the_answer_less_the_mean(
    width: int, ground: int, count: int, seed: int, grouped: bool
) -> None:
    names = NAMES[:width]
    groups = {name: [name] for name in names}
    if grouped and width > 2:
        groups = {"a": ["a", "c"], **{name: [name] for name in names if name not in "ac"}}

    def predict(frame: pd.DataFrame) -> Any:
        total = frame.to_numpy().sum(axis=1)
        return np.tanh(total) * 100 + frame.to_numpy().prod(axis=1)

    asked, background = table(count, seed, names), table(ground, seed + 1, names)
    found = reasons(predict, asked, background, groups, seed=seed)
    assert found.base + found.effects.sum(axis=1) == pytest.approx(predict(asked), abs=1e-9)
    assert found.base == pytest.approx(np.full(count, predict(background).mean()), abs=1e-9)


def test_of_a_linear_model_they_are_coefficients_times_the_way_from_the_mean() -> None:
    X, random = table(300, 5), np.random.default_rng(6)
    y = (X["a"] - 2 * X["c"] + random.normal(size=300) > 0).astype(int)
    model = LogisticRegression().fit(X, y)
    background = X.iloc[:30]
    found = reasons(model.decision_function, X.iloc[50:60], background, ALONE, seed=1)
    exact = model.coef_[0] * (X.iloc[50:60] - background.mean()).to_numpy()
    assert found.effects == pytest.approx(exact, abs=1e-9)


def test_each_row_has_the_reasons_it_would_have_alone() -> None:
    asked, background = table(6, 7), table(9, 8)
    together = reasons(tangled, asked, background, ALONE, seed=3).effects
    alone = [
        reasons(tangled, asked.iloc[[at]], background, ALONE, seed=3).effects[0] for at in range(6)
    ]
    assert (together == np.array(alone)).all()
    other = reasons(tangled, asked, background, ALONE, seed=4).effects
    assert (together != other).any()


def test_columns_of_a_group_are_never_taken_apart() -> None:
    asked, background = table(3, 9), table(5, 10)
    for frame in (asked, background):
        frame["twice"] = 2 * frame["a"]

    def predict(frame: pd.DataFrame) -> Any:
        assert (frame["twice"] == 2 * frame["a"]).all()
        return frame["twice"].to_numpy() + frame["b"].to_numpy()

    groups = {"a": ["a", "twice"], "b": ["b"], "c": ["c"], "d": ["d"]}
    found = reasons(predict, asked, background, groups, seed=0)
    assert found.effects[:, 2:] == pytest.approx(np.zeros((3, 2)), abs=1e-12)
    assert (np.abs(found.effects[:, 0]) > 0.01).all()


def test_of_classes_it_is_the_score_of_the_one_asked_for() -> None:
    model, frame = fitted("logistic_regression", "multiclass"), rows(40, task="multiclass", seed=2)
    names = ["age", "fee", "plan", "paid"]
    asked, background = frame[names].iloc[:5], frame[names].iloc[10:22]
    of = model.scores(asked).argmax(axis=1)
    found = reasons(model.scores, asked, background, {n: [n] for n in names}, seed=0, of=of)
    assert found.answer == pytest.approx(model.scores(asked).max(axis=1))
    assert found.base + found.effects.sum(axis=1) == pytest.approx(found.answer, abs=1e-9)
    assert found.base == pytest.approx(model.scores(background).mean(axis=0)[of])


def test_types_that_differ_are_brought_together() -> None:
    """A file of other rows has whole numbers, nulls alone, or times where training had days."""
    import datetime as dt

    background = pd.DataFrame(
        {
            "n": [1.5, 2.5],
            "s": ["x", "y"],
            "d": pd.Series([dt.date(2026, 1, 1), dt.date(2026, 1, 3)], dtype=object),
        }
    )
    asked = pd.DataFrame(
        {
            "n": [4],
            "s": pd.Series([None], dtype=object),
            "d": pd.to_datetime(["2026-01-09"]),
        }
    )

    def predict(frame: pd.DataFrame) -> Any:
        days = (pd.to_datetime(frame["d"]) - pd.Timestamp("2026-01-01")).dt.days
        return frame["n"].to_numpy(float) + 10 * frame["s"].isna().to_numpy() + days.to_numpy()

    found = reasons(predict, asked, background, {n: [n] for n in "nsd"}, seed=0)
    assert dict(zip(found.columns, found.effects[0], strict=True)) == pytest.approx(
        {"n": 2.0, "s": 10.0, "d": 7.0}
    )


def test_the_strongest_come_first_and_nothing_is_no_reason() -> None:
    def predict(frame: pd.DataFrame) -> Any:
        return frame["b"].to_numpy() * 3 - frame["d"].to_numpy()

    one, zero = (pd.DataFrame({name: [value] for name in NAMES}) for value in (1.0, 0.0))
    found = reasons(predict, one, zero, ALONE, seed=0)
    assert found.strongest(0, 4) == [("b", pytest.approx(3.0)), ("d", pytest.approx(-1.0))]
    assert found.strongest(0, 1) == [("b", pytest.approx(3.0))]


def test_wide_tables_take_fewer_rows_of_the_background() -> None:
    asked: list[int] = []
    names = tuple(f"c{number}" for number in range(120))
    groups = {name: [name] for name in names}

    def predict(frame: pd.DataFrame) -> Any:
        asked.append(len(frame))
        return frame.to_numpy().sum(axis=1)

    found = reasons(predict, table(2, 1, names), table(60, 2, names), groups, seed=0)
    assert sum(asked) == 2 * asked_of_each(120, 60) + 2 + 16
    assert asked_of_each(120, 60) == 2 * 16 * 119 <= 4000
    assert found.base + found.effects.sum(axis=1) == pytest.approx(found.answer, abs=1e-9)


def test_no_rows_have_no_reasons_and_without_a_background_there_are_none() -> None:
    found = reasons(tangled, table(0, 1), table(3, 2), ALONE, seed=0)
    assert found.effects.shape == (0, 4)
    with pytest.raises(ValueError, match="background"):
        reasons(tangled, table(1, 1), table(0, 2), ALONE, seed=0)
