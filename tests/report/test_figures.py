"""The figures: from points to SVG that belongs to the page."""

import re
import subprocess
import sys

import pytest

from mlpipe.report.figures import figures
from tests.report import documents


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    points = {**documents.points(), **documents.regression_points()}
    return {each["name"]: each["svg"] for each in figures(points, 0.2)}


def test_every_kind_is_drawn_in_a_fixed_order(drawn: dict[str, str]) -> None:
    assert list(drawn) == [
        "roc", "precision_recall", "calibration", "confusion", "predicted", "residuals",
    ]  # fmt: skip


def test_they_take_the_colours_and_the_width_of_the_page(drawn: dict[str, str]) -> None:
    for svg in drawn.values():
        head = svg[: svg.index(">")]

        assert re.fullmatch(r'<svg viewBox="0 0 [\d.]+ [\d.]+" role="img" aria-label="[^"]+"', head)
        assert "var(--accent)" in svg
        assert "font-family" not in svg


def test_they_carry_no_dates_addresses_or_repeated_names(drawn: dict[str, str]) -> None:
    whole = "".join(drawn.values())
    ids = re.findall(r' id="([^"]+)"', whole)

    assert not re.search(r"https?:|<metadata|<!--|xmlns", whole)
    assert len(ids) == len(set(ids))


def test_text_stays_text(drawn: dict[str, str]) -> None:
    assert "false positive rate</text>" in drawn["roc"]
    assert "threshold 0.2</text>" in drawn["roc"]
    assert "1,640</text>" in drawn["confusion"]


def test_a_threshold_is_marked_only_where_there_is_one() -> None:
    (roc,) = figures({"roc": documents.points()["roc"]}, None)

    assert "threshold" not in roc["svg"]


@pytest.mark.parametrize(
    "points",
    [
        {},
        {"roc": None},
        {"roc": {"fpr": [0, 1]}},
        {"calibration": [{"score": 0.1}]},
        {"confusion": {"labels": ["a"], "matrix": "?"}},
        {"confusion": {"labels": list("abcdefghijklmnop"), "matrix": [[1] * 16] * 16}},
        {"residuals": {"edges": [0, 1], "counts": [1, 2, 3]}},
    ],
)
def test_points_that_cannot_be_drawn_are_left_out(points: dict[str, object]) -> None:
    assert figures(points) == []


def test_one_point_is_enough_to_draw() -> None:
    found = figures({"predicted": {"actual": [3.0], "predicted": [3.0]}})

    assert [each["name"] for each in found] == ["predicted"]


def test_a_page_without_figures_does_not_load_matplotlib() -> None:
    code = (
        "import sys; from mlpipe.report.page import page; page({'steps': [{'step': 'ingest'}]});"
        "sys.exit('matplotlib' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
