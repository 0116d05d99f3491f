"""The scan against worlds whose bad slices are known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mlpipe.evaluate.slices.candidates import Coded, Rows, look
from mlpipe.evaluate.slices.scan import Found, scan
from mlpipe.evaluate.slices.scan_spec import Scan, scannable
from mlpipe.evaluate.slices.worse import Sums, robust, welch
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.table.columns import Columns

Make = Callable[..., Any]


def columns_of(generator: np.random.Generator, rows: int, count: int) -> list[Coded]:
    """Random columns of two to six values."""
    found = []
    for place in range(count):
        values = int(generator.integers(2, 7))
        codes = generator.integers(0, values, rows)
        found.append(Coded(f"c{place}", codes, [f"v{code}" for code in range(values)]))
    return found


def scanned(
    columns: list[Coded], loss: np.ndarray, groups: np.ndarray | None = None, **spec: Any
) -> Found:
    y = (np.arange(len(loss)) % 2 == 0).astype(int)
    told = Outcomes(y, y, groups=groups)
    return scan(columns, told, loss, binary=True, spec=Scan.read(spec))


def named(found: Found) -> list[dict[str, Any]]:
    return [
        found.candidates.value(place, found.columns) for place in found.kept if found.worse[place]
    ]


LOSSES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "log loss": lambda generator, rows: -np.log(1 - 0.95 * generator.beta(1, 3, rows)),
    "rarely wrong": lambda generator, rows: (generator.random(rows) < 0.03).astype(float),
    "mostly wrong": lambda generator, rows: (generator.random(rows) < 0.9).astype(float),
    "heavy tails": lambda generator, rows: generator.pareto(2.5, rows),
}


@pytest.mark.parametrize("kind", LOSSES)
def test_without_a_bad_slice_the_scan_rarely_names_one(kind: str) -> None:
    generator = np.random.default_rng(5)
    times, wrong = 40, 0
    for _ in range(times):
        columns = columns_of(generator, 1500, 6)
        wrong += bool(scanned(columns, LOSSES[kind](generator, 1500)).worse.any())
    assert wrong <= stats.binom.ppf(0.999, times, 0.05)


def test_a_bad_slice_is_found_and_named_alone() -> None:
    generator = np.random.default_rng(6)
    hits = 0
    for _ in range(20):
        columns = columns_of(generator, 4000, 6)
        loss = generator.exponential(0.3, 4000)
        loss[columns[2].codes == 1] *= 1.8
        found = named(scanned(columns, loss))
        hits += found == [{"c2": "v1"}]
    assert hits >= 18


def test_a_bad_pair_is_found_and_its_halves_are_not_blamed() -> None:
    generator = np.random.default_rng(7)
    columns = columns_of(generator, 8000, 5)
    bad = (columns[0].codes == 0) & (columns[3].codes == 1)
    loss = generator.exponential(0.3, 8000) * np.where(bad, 4, 1)
    found = scanned(columns, loss)
    assert named(found) == [{"c0": "v0", "c3": "v1"}]
    assert found.redundant > 0


def test_the_pair_within_a_bad_slice_is_shown_where_it_is_worse_still() -> None:
    generator = np.random.default_rng(8)
    columns = columns_of(generator, 8000, 4)
    first, both = columns[0].codes == 0, (columns[0].codes == 0) & (columns[1].codes == 0)
    loss = generator.exponential(0.3, 8000) * np.where(both, 5, np.where(first, 2, 1))
    assert {"c0": "v0"} in named(scanned(columns, loss))
    assert {"c0": "v0", "c1": "v0"} in named(scanned(columns, loss))
    assert named(scanned(columns, loss, depth=1))[0] == {"c0": "v0"}


def test_copies_of_a_column_are_looked_at_once() -> None:
    generator = np.random.default_rng(9)
    columns = columns_of(generator, 2000, 3)
    copy = Coded("copy", columns[0].codes, columns[0].values)
    loss = generator.random(2000)
    alone, twice = scanned(columns, loss), scanned([*columns, copy], loss)
    assert len(alone.candidates) == len(twice.candidates)


def test_small_slices_and_small_rests_are_not_looked_at() -> None:
    codes = np.repeat([0, 1, 2], [99, 150, 1751])
    columns = [Coded("a", codes, ["tiny", "some", "most"])]
    rows = Rows(np.zeros(2000), np.ones(2000, bool), None)
    found = look(columns, rows, depth=2, fewest=(100, 10))
    assert sorted(found.rows.tolist()) == [150, 1751]
    few = look(columns, rows._replace(positive=codes == 2), depth=2, fewest=(100, 10))
    assert few.rows.tolist() == [1751]


def test_every_sum_is_that_of_the_rows() -> None:
    generator = np.random.default_rng(10)
    columns = columns_of(generator, 3000, 3)
    loss, weight = generator.normal(size=3000), generator.uniform(0.5, 2, 3000)
    positive = generator.random(3000) < 0.4
    found = look(columns, Rows(loss, positive, weight), depth=2, fewest=(100, 10))
    for place in range(len(found)):
        inside = found.mask(place, columns)
        assert found.rows[place] == inside.sum()
        assert found.positives[place] == (inside & positive).sum()
        assert found.weight[place] == pytest.approx(weight[inside].sum())
        assert found.loss[place] == pytest.approx((weight * loss)[inside].sum())
        assert found.square[place] == pytest.approx((weight**2 * loss**2)[inside].sum())


def test_the_test_is_welchs_where_the_slice_varies_most() -> None:
    generator = np.random.default_rng(11)
    a, b = generator.normal(0.2, 3, 200), generator.normal(0, 1, 900)

    def sums(x: np.ndarray) -> Sums:
        n = np.array([float(len(x))])
        return Sums(n, n, n, np.array([x.sum()]), np.array([x.sum()]), np.array([(x**2).sum()]))

    found = welch(sums(a), sums(b))
    theirs = stats.ttest_ind(a, b, equal_var=False, alternative="greater")
    assert (found.inside - found.outside)[0] / found.error[0] == pytest.approx(theirs.statistic)
    assert found.p[0] == pytest.approx(theirs.pvalue, rel=0.05)


def test_a_hundred_rows_that_are_all_wrong_prove_what_chance_lets_them() -> None:
    inside = Sums(*(np.array([value]) for value in (100.0, 100.0, 100.0, 100.0, 100.0, 100.0)))
    outside = Sums(*(np.array([value]) for value in (900.0, 900.0, 900.0, 864.0, 864.0, 864.0)))
    p = float(welch(inside, outside).p[0])
    assert p > 1e-3  # 96 % wrong elsewhere: a hundred of a hundred comes by chance in 1.7 %


def test_rows_that_belong_together_are_no_proof_of_their_own() -> None:
    generator = np.random.default_rng(12)
    wrong, naive = 0, 0
    for _ in range(30):
        groups = np.repeat(np.arange(100), 30)
        shared = np.repeat(generator.normal(0, 1, 100), 30)
        loss = shared + generator.normal(0, 0.3, 3000)
        kinds = np.repeat(generator.integers(0, 4, 100), 30)
        columns = [Coded("kind", kinds, list("abcd"))]
        wrong += bool(scanned(columns, loss, groups).worse.any())
        naive += bool(scanned(columns, loss).worse.any())
    assert naive > 20
    assert wrong <= 6


def test_the_robust_error_of_single_rows_is_the_usual_one() -> None:
    generator = np.random.default_rng(13)
    loss, mask = generator.normal(size=2000), generator.random(2000) < 0.3
    usual = np.sqrt(loss[mask].var() / mask.sum() + loss[~mask].var() / (~mask).sum())
    assert robust(loss, None, mask, np.arange(2000)) == pytest.approx(usual)


def test_the_report_says_how_many_were_looked_at_and_what_is_worst(churn: Make) -> None:
    case = churn(6000)
    pro = (case.frame["plan"] == "pro")[case.predictions.index]
    flipped = case.predictions["score"].where(~pro, 1 - case.predictions["score"])
    told = case.predictions.assign(score=flipped)
    report = case.run({"scan": True}, predictions=told)["report"]
    found = report["scan"]
    assert found["slices"][0]["slice"] == {"plan": "pro"}
    worst = found["slices"][0]
    assert (worst["status"], worst["low"] > 0) == ("worse", True)
    assert worst["effect"] == pytest.approx(worst["inside"] - worst["outside"])
    assert worst["low"] < worst["effect"] < worst["high"]
    assert found["metric"] == "log_loss"
    assert found["mean"] == pytest.approx(
        next(row["value"] for row in case.run({"metrics": ["log_loss"]}, predictions=told)["report"]
             ["parts"]["test"]["metrics"])
    )  # fmt: skip
    assert set(found["columns"]) == {"plan", "region", "gender", "fee"}
    assert found["looked_at"] > 20
    assert found["notes"][0].startswith("fee is cut at its quartiles")
    others = [row for row in found["slices"] if row["status"] == "worse"]
    assert others == [worst]
    assert case.run({})["report"]["scan"] is None


def test_a_scan_where_nothing_is_wrong_names_nothing(churn: Make) -> None:
    found = churn(4000).run({"scan": {"top": 3, "metric": "accuracy"}})["report"]["scan"]
    assert found["worse"] == 0
    assert [row["status"] for row in found["slices"]] == ["unproven"] * 3


def test_a_scan_of_named_columns_looks_there_alone(churn: Make) -> None:
    written = {"columns": ["plan", {"column": "fee", "bins": [50]}], "depth": 1}
    found = churn(4000).run({"scan": written})["report"]["scan"]
    assert found["columns"] == ["plan", "fee"]
    assert found["looked_at"] == 5


def test_scans_do_many_classes_and_numbers_too(topics: Make, demand: Make) -> None:
    words = topics(1500)
    words.frame["team"] = ["a", "b", "c"] * 500
    assert words.run({"scan": True})["report"]["scan"]["metric"] == "log_loss"
    hours = demand(2400)
    hours.frame["night"] = hours.frame["hour"].dt.hour < 12
    at_night = hours.frame["night"][hours.predictions.index]
    hours.predictions.loc[at_night, "prediction"] += 5
    found = hours.run({"scan": True})["report"]["scan"]
    assert found["slices"][0]["slice"] == {"night": True}
    assert (found["metric"], found["slices"][0]["positives"]) == ("mae", None)


def test_keys_targets_and_weights_are_no_places_to_look() -> None:
    columns = Columns.read({"key": ["id", "day"], "entity": "id", "target": "y", "weight": "w"})
    known = ["_row", "part", "id", "day", "y", "w", "plan", "_scope"]
    assert scannable(columns, known) == ["plan"]


@pytest.mark.slow
def test_a_million_rows_of_thirty_columns_are_scanned() -> None:
    generator = np.random.default_rng(14)
    columns = columns_of(generator, 1_000_000, 30)
    loss = generator.exponential(0.3, 1_000_000)
    found = scanned(columns, loss)
    assert len(found.candidates) > 5000


def test_the_order_of_rows_changes_nothing_that_is_said(churn: Make) -> None:
    case = churn(3000)
    turned = case.predictions.iloc[::-1]
    one, other = (
        case.run({"scan": True}, predictions=told)["report"]["scan"]
        for told in (case.predictions, turned)
    )
    assert [row["slice"] for row in one["slices"]] == [row["slice"] for row in other["slices"]]
    frame = pd.DataFrame(one["slices"])
    assert frame["p"].is_monotonic_increasing
