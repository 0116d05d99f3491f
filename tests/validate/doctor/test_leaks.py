"""Columns that know the target, and honest ones that only come near."""

import numpy as np
import pandas as pd
import pytest

from mlpipe.validate.doctor.copies import target_copies
from mlpipe.validate.doctor.correlated import correlation, explained, target_orders, target_sums
from mlpipe.validate.doctor.proxies import target_nulls, target_proxies
from mlpipe.validate.doctor.spec import Leakage

LIMITS = Leakage()
N = 600


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def y(rng):
    return rng.choice(["yes", "no"], N, p=[0.3, 0.7])


def kinds(found):
    return [(each.kind, each.columns) for each in found]


@pytest.mark.parametrize(
    "copied",
    [
        lambda y: y,
        lambda y: np.where(y == "yes", "Y", "N"),
        lambda y: (y == "yes").astype(int),
        lambda y: (y == "yes").astype(float) * 17,
        lambda y: y == "yes",
        lambda y: np.where(y == "yes", "ja", None),
    ],
    ids=["as it is", "other words", "integer", "float", "boolean", "missing for no"],
)
def test_a_copy_of_the_target_is_an_error_in_any_form(rows, y, copied):
    (found,) = target_copies(rows({"x": copied(y), "y": y}, target="y"))
    assert (found.kind, found.columns, found.severity) == ("target_copy", ("x",), "error")
    assert found.advice.startswith("columns: {ignore: [x]}")


def test_one_row_that_differs_is_no_copy(rows, y):
    other = y.copy()
    other[0] = "no" if y[0] == "yes" else "yes"
    assert not list(target_copies(rows({"x": other, "y": y}, target="y")))


def test_a_copy_in_the_test_part_alone_is_not_looked_at(rows, y, rng):
    part = np.where(np.arange(N) < 400, "train", "test")
    x = np.where(part == "test", y, rng.choice(["yes", "no"], N))
    assert not list(target_copies(rows({"x": x, "y": y}, target="y", part=part)))
    learned = np.where(part == "train", y, "no")
    assert list(target_copies(rows({"x": learned, "y": y}, target="y", part=part)))


@pytest.mark.parametrize("role", [{"ignore": ["x*"]}, {"key": "x1"}, {"weight": "x1"}])
def test_what_is_no_feature_may_be_a_copy(rows, y, role):
    assert not list(target_copies(rows({"x1": y, "y": y}, target="y", **role)))


def test_few_rows_prove_nothing(rows):
    y = ["yes", "no"] * 9
    assert not list(target_copies(rows({"x": y, "y": y}, target="y")))


def test_the_values_of_a_sensitive_copy_are_not_shown(rows, y):
    x = np.where(y == "yes", "secret-1", "secret-2")
    (found,) = target_copies(rows({"x": x, "y": y}, target="y", sensitive=["x"]))
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "form", [lambda y: y, lambda y: [f"{v}" for v in y], lambda y: y.astype(int)]
)
def test_a_number_is_copied_as_number_or_text(rows, rng, form):
    y = rng.integers(0, 1000, N).astype(float)
    found = list(target_copies(rows({"x": form(y), "y": y}, target="y", task="regression")))
    assert kinds(found) == [("target_copy", ("x",))]


def test_ids_beside_a_unique_target_are_no_copy(rows, rng):
    y = rng.permutation(N)
    assert not list(
        target_copies(rows({"x": rng.permutation(N), "y": y}, target="y", task="regression"))
    )


def test_a_number_that_says_all_is_found_and_a_strong_one_is_not(rows, y, rng):
    noise = rng.normal(size=N)
    data = {"leak": (y == "yes") * 5 + noise, "strong": (y == "yes") * 2.5 + noise, "y": y}
    found = list(target_proxies(rows(data, target="y"), LIMITS))
    assert kinds(found) == [("target_proxy", ("leak",))]
    assert found[0].severity == "warn"
    assert found[0].evidence["auc"] >= 0.99 > found[0].evidence["low"] - 0.02


def test_the_area_is_that_of_scikit_learn_with_ties(rng):
    from sklearn.metrics import roc_auc_score

    from mlpipe.validate.doctor.area import area_of_codes

    for levels in (2, 7, 300):
        codes, positive = rng.integers(0, levels, 500), rng.random(500) < 0.3
        assert area_of_codes(codes, positive) == pytest.approx(
            roc_auc_score(positive, codes), abs=1e-12
        )


def test_ids_do_not_look_perfect_and_codes_of_the_class_do(rows, y, rng):
    ids = [f"k{at}" for at in range(N)]
    code = np.where(y == "yes", rng.choice(["a", "b", "c"], N), rng.choice(["d", "e"], N))
    found = list(target_proxies(rows({"id": ids, "code": code, "y": y}, target="y"), LIMITS))
    assert kinds(found) == [("target_proxy", ("code",))]


def test_a_number_without_order_is_judged_as_a_category(rows, y, rng):
    x = np.where(y == "yes", rng.choice([1, 3, 5], N), rng.choice([2, 4, 6], N))
    assert kinds(target_proxies(rows({"x": x, "y": y}, target="y"), LIMITS)) == [
        ("target_proxy", ("x",))
    ]


def test_one_class_of_many_that_is_told_apart_is_enough(rows, rng):
    y = rng.choice(["a", "b", "c", "d"], N)
    x = np.where(y == "c", 10, 0) + rng.normal(size=N)
    (found,) = target_proxies(rows({"x": x, "y": y}, target="y", task="multiclass"), LIMITS)
    assert found.columns == ("x",)


def test_the_limit_is_the_users(rows, y, rng):
    data = rows({"x": (y == "yes") * 2.5 + rng.normal(size=N), "y": y}, target="y")
    assert list(target_proxies(data, Leakage(auc=0.9)))
    assert not list(target_proxies(data, Leakage(auc=0.99)))


def test_what_is_filled_in_afterwards_is_told_by_its_absence(rows, y, rng):
    said = np.where(y == "yes", rng.choice(["x", "y", "z"], N), None)
    some = np.where(rng.random(N) < 0.3, None, "x")
    found = list(target_nulls(rows({"after": said, "some": some, "y": y}, target="y"), LIMITS))
    assert kinds(found) == [("target_nulls", ("after",))]
    assert found[0].evidence["auc"] == 1.0


def test_the_absence_may_tell_a_number_too(rows, rng):
    y = rng.normal(size=N)
    data = {"after": np.where(y > 0.5, 1.0, np.nan), "y": y}
    found = list(target_nulls(rows(data, target="y", task="regression"), LIMITS))
    assert kinds(found) == [("target_nulls", ("after",))]


def test_the_order_of_a_number_is_found_and_a_noisy_one_is_not(rows, rng):
    y = rng.gamma(2, 50, N)
    data = {"log": np.log(y), "noisy": y + rng.normal(size=N) * 30, "y": y}
    found = list(target_orders(rows(data, target="y", task="regression"), LIMITS))
    assert kinds(found) == [("target_proxy", ("log",))]


def test_the_rank_correlation_is_that_of_scipy(rng):
    from scipy.stats import spearmanr

    for levels in (3, 50, 5000):
        a, b = rng.integers(0, levels, 400), rng.integers(0, levels, 400)
        assert correlation(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)


def test_a_relation_without_order_explains_the_ranks_and_noise_does_not(rng):
    x = rng.normal(size=5000)
    bent = pd.Series(x**2).rank(method="dense").astype(int).to_numpy()
    place = pd.Series(x).rank(method="dense").astype(int).to_numpy()
    assert explained(place, bent, True) > 0.98
    assert abs(explained(rng.integers(0, 100, 5000), bent, False)) < 0.02
    assert explained(np.arange(5000), bent, False) == 0.0


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (lambda a, b: a + b, "a + b"),
        (lambda a, b: a - b, "a - b"),
        (lambda a, b: b - a, "b - a"),
        (lambda a, b: a / 10 + b / 10, "a + b"),
    ],
)
def test_two_columns_that_add_up_are_found(rows, rng, made, written):
    a, b, c = (rng.integers(0, 500, N) for _ in range(3))
    scale = 10 if made(1, 1) == 0.2 else 1
    data = {"a": a / scale, "b": b / scale, "c": c, "y": made(a, b)}
    (found,) = target_sums(rows(data, target="y", task="regression"))
    assert (found.kind, found.severity) == ("target_sum", "error")
    assert found.evidence["sum"] == written


def test_a_sum_that_fails_in_one_row_is_none(rows, rng):
    a, b = (rng.integers(0, 500, N) for _ in range(2))
    y = a + b
    y[17] += 1
    data = {"a": a, "b": b, "zero": np.zeros(N), "y": y}
    assert not list(target_sums(rows(data, target="y", task="regression")))


def test_a_copy_and_nothing_are_no_sum(rows, rng):
    y = rng.integers(0, 500, N)
    data = {"copy": y, "zero": np.zeros(N), "other": rng.integers(0, 9, N), "y": y}
    assert not list(target_sums(rows(data, target="y", task="regression")))
