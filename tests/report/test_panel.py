"""The small figure over the chunks: range, ticks, marks, gaps and its text alternative."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.report.panel import SHAPES, Chunks, Series, panel, point_words
from mlpipe.report.scale import BOTTOM, LEFT, RIGHT, TOP, Scale, places
from mlpipe.report.words import percent

HOSTILE = '"><script>alert(1)</script>&'


def rows(*values: float | None, half: float | None = None, status: str = "ok"):
    return tuple(
        {}
        if value is None
        else {
            "value": value,
            "low": None if half is None else value - half,
            "high": None if half is None else value + half,
            "status": status,
        }
        for value in values
    )


def draw(*series: Series, new: tuple[bool, ...] = (), reference=None, limit=None) -> str:
    count = len(series[0].rows)
    chunks = Chunks(tuple(f"day {at}" for at in range(count)), new or (True,) * count)
    return str(panel("roc_auc", "what it shows", chunks, series, reference or {}, limit) or "")


def test_it_is_an_image_with_a_name_and_a_description() -> None:
    root = ET.fromstring(draw(Series("", "line", rows(0.1, 0.2))))

    assert (root.get("role"), root.get("aria-label")) == ("img", "roc_auc")
    assert root.findtext("desc") == "what it shows"


@pytest.mark.parametrize("status", sorted(SHAPES))
def test_each_status_has_a_shape_of_its_own(status: str) -> None:
    found = draw(Series("", "line", rows(0.3, 0.3, status=status)))

    assert found.count(SHAPES[status]) == 2
    assert found.count(f'class="mark {status} line"') == 2
    assert not [each for name, each in SHAPES.items() if name != status and each in found]


def test_a_line_does_not_bridge_a_gap_and_a_band_follows_it() -> None:
    found = draw(Series("", "line", rows(1.0, 2.0, None, 3.0, 4.0, half=0.5)))
    (line,) = re.findall(r'class="run line" d="([^"]*)"', found)

    assert line.count("M") == 2
    assert len(re.findall(r'class="band line"', found)) == 2


def test_a_lone_chunk_between_gaps_has_a_bar() -> None:
    found = draw(Series("", "line", rows(None, 2.0, None, half=0.5)))

    assert 'class="bar line"' in found
    assert 'class="mark ok line lone"' in found
    assert 'class="run' not in found
    assert 'class="band' not in found


def test_realised_points_have_bars_and_no_line() -> None:
    found = draw(Series("realised", "points", rows(1.0, 2.0, half=0.1)))

    assert 'class="bar points"' in found
    assert 'class="run' not in found
    assert "<title>realised, day 1: 2 (1.9 to 2.1), ok</title>" in found


def test_only_the_chunks_of_this_window_are_shaded() -> None:
    series = Series("", "line", rows(1.0, 2.0, 3.0, 4.0))
    (x, width) = re.search(
        r'class="window" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"',
        draw(series, new=(False, False, True, True)),
    ).groups()

    assert places(4)[1] < float(x) < places(4)[2]
    assert float(x) + float(width) == pytest.approx(RIGHT, abs=0.2)
    assert 'class="window"' not in draw(series)
    assert 'class="window"' not in draw(series, new=(False,) * 4)


def test_training_and_the_limit_are_drawn_where_they_are_near() -> None:
    series = Series("", "line", rows(0.40, 0.42, half=0.01))
    near = draw(series, reference={"value": 0.41, "low": 0.4, "high": 0.42}, limit=0.5)
    far = draw(series, limit=500.0)

    assert 'path class="training"' in near
    assert 'rect class="training"' in near
    assert 'class="limit"' in near
    assert 'class="limit"' not in far


def test_an_interval_from_here_to_anywhere_does_not_press_the_values_flat() -> None:
    wide = ({"value": 0.4, "low": -1e9, "high": 1e9}, {"value": 0.6, "low": 0.5, "high": 0.7})
    scale = Scale.of(wide, [])

    assert scale is not None
    assert scale.high - scale.low < 1


@pytest.mark.parametrize("values", [(None, None), (math.nan, math.inf), (-1.7e308, 1.7e308)])
def test_there_is_nothing_to_draw(values: tuple[float | None, ...]) -> None:
    assert draw(Series("", "line", tuple({"value": value} for value in values))) == ""


def test_one_chunk_and_equal_values_are_drawn() -> None:
    assert 'class="mark ok line lone"' in draw(Series("", "line", rows(0.0)))
    assert 'class="run line"' in draw(Series("", "line", rows(5.0, 5.0, 5.0)))


def test_names_are_text() -> None:
    chunks = Chunks((HOSTILE, HOSTILE), (False, True))
    series = Series(HOSTILE, "line", ({"value": 1.0, "status": HOSTILE}, {"value": 2}))
    found = panel(HOSTILE, HOSTILE, chunks, [series], {})

    assert "<script" not in found
    ET.fromstring(str(found))


def test_a_value_in_words() -> None:
    assert point_words("may", {"value": 0.5}) == "may: 0.5"
    assert point_words("may", {}) == "may: –"


numbers = st.floats(-1e12, 1e12, allow_subnormal=False)


@given(st.lists(numbers, min_size=1, max_size=60), st.none() | numbers)
def test_all_marks_lie_in_the_field_and_ticks_differ(values, limit) -> None:
    scale = Scale.of([{"value": value} for value in values], [], limit)

    assert scale is not None
    assert all(TOP <= scale.y(value) <= BOTTOM for value in values)
    words = [word for _, word in scale.ticks()]
    assert 1 <= len(words) <= 6
    assert all(LEFT <= x <= RIGHT for x in places(len(values)))


def test_the_axis_of_shares_is_in_percent() -> None:
    chunks = Chunks(("a", "b"), (True, True))
    series = Series("", "line", rows(0.0, 0.02))

    assert ">1%</text>" in str(panel("x", "x", chunks, [series], {}, write=percent))
    assert ">0.01</text>" in str(panel("x", "x", chunks, [series], {}))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.81, 0.84), (-5, 12_400), (0, 3e7)])
def test_ticks_are_told_apart(low: float, high: float) -> None:
    words = [word for _, word in Scale(low, high).ticks()]

    assert len(words) == len(set(words)) >= 2
    assert max(map(len, words)) <= 6
