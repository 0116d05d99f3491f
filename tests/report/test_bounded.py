"""Pages stay small: what is cut, what is not, and that it is said."""

from markupsafe import Markup

from mlpipe.report.bounded import LARGEST, LONGEST, bounded, within
from mlpipe.report.page import page
from tests.report import documents


def test_long_texts_are_cut_and_say_how_long_they_were() -> None:
    assert bounded("x" * LONGEST, 10, "why", {}) == "x" * LONGEST
    assert bounded("x" * 5000, 10, "why", {}) == "x" * LONGEST + "… (5,000 characters)"


def test_the_spec_and_figures_are_whole() -> None:
    figure = Markup("<svg>" + "x" * 5000)

    assert bounded("x: 1\n" * 1000, 10, "spec", {}) == "x: 1\n" * 1000
    assert bounded(figure, 10, "figures", {}) is figure


def test_long_lists_are_cut_and_noted_but_for_points_of_figures() -> None:
    cut: dict[str, str] = {}
    view = {"rows": [{"at": at} for at in range(7)], "points": [0.5] * 7}
    found = bounded(view, 3, "evaluate", cut)

    assert found["rows"] == view["rows"][:3]
    assert found["rows"].left == 4
    assert found["points"] == view["points"]
    assert cut == {"rows": "the first 3 of 7"}


def test_long_keys_that_begin_alike_stay_two() -> None:
    names = ["x" * 5000 + "1", "x" * 5000 + "2"]

    assert len(bounded(dict.fromkeys(names, 1), 10, "models", {})) == 2


def test_lists_are_shortened_until_the_page_fits() -> None:
    def render(view):
        return "x" * (3000 * len(view["rows"])) + str(view["cut"])

    html = within(render, {"rows": [{} for _ in range(2000)]})

    assert len(html) <= LARGEST
    assert html.endswith("['rows: the first 300 of 2,000']")


def test_a_page_with_room_is_not_cut() -> None:
    assert "Cut, to keep this page small" not in page(documents.document())
