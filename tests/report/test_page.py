"""The page: what it holds, in which order, and what it never does."""

import copy
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mlpipe.report.page import page
from tests.report import documents

SECTIONS = [
    "gates", "results", "figures", "business", "fairness", "slices", "monitor", "steps", "data",
    "quarantine", "model", "training", "reproduce",
]  # fmt: skip
VOID = {"meta", "br", "wbr", "hr", "path", "rect", "use"}


class Reader(HTMLParser):
    """Reads the page the way a browser does: tags, attributes, text, ids, what is left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(key, value or "") for key, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(key, value or "") for key, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, key: str) -> list[str]:
        return [value for name, value in self.attributes if name == key]


@pytest.fixture(scope="module")
def html() -> str:
    return page(documents.document())


@pytest.fixture(scope="module")
def read(html: str) -> Reader:
    return Reader(html)


def test_the_sections_come_verdict_first(read: Reader) -> None:
    ids = [value for value in read.values("id") if value in SECTIONS]

    assert ids == SECTIONS


def test_the_page_is_well_formed(read: Reader) -> None:
    assert read.open == []


def test_links_lead_to_sections(read: Reader) -> None:
    links = [value for value in read.values("href") if not value.startswith("#m")]

    assert links
    assert {link.removeprefix("#") for link in links} <= set(read.values("id"))


@pytest.mark.parametrize(
    "said",
    [
        "Inconclusive", "the interval holds the bound of f1 >= 0.4", "monitor: alert",
        "charges, plan, score moved", "roc_auc >= 0.75", "0.8192 to 0.8672", "prior",
        "opened 3 times", "retention_profit", "3,120", "demographic_parity_difference",
        "60 rows, fewer than 100", "average_precision was 0.41 at training",
        "train.models.linear.C: 0.3 → 0.1", "9.8 s", "'twelve' is not an integer",
        "990001,Almere", "by time, 4 expanding folds", "test from 2026-04-01",
        "row 17 (customer_id = 000017): flex", "against 0.3650 (boosted)",
        "maximizes retention_profit out of fold", "dropped by featurize.4", "min_frequency = 20",
        "mlpipe run configs/churn.yaml", "b06469f2c0ffee", "changes that are not committed",
        "pandas==3.1.1", "task: binary", "left_on is a copy of the target 'churned'",
        "Fitted on train, 7,000 rows; it stopped adding trees when valid got no better.",
        "fitted on train, 7,000 rows", "A share takes the most recent rows of each fold",
        "held-out average_precision got better by 0.03", "calls with 1 column that looks back",
        "how much worse average_precision is when a column is shuffled, on valid",
        "says the same: on 2,000 rows of valid and 200 rows made with missing values",
        "calibrated after the graph, by the bundle", "month_dayofweek", "before, off by 0.300",
        "columns: {ignore: [left_on]}", "of the data doctor, in 11,900 of 12,000 rows",
    ],
)  # fmt: skip
def test_it_says(read: Reader, said: str) -> None:
    assert said in re.sub(r"\s+", " ", read.text)


def test_warnings_of_gates_are_not_what_made_it_inconclusive(read: Reader) -> None:
    top = read.text.split("Why: the gates")[0]

    assert "demographic_parity_difference" not in top


def test_it_asks_nothing_of_any_network(html: str, read: Reader) -> None:
    assert not re.search(r"https?:", html)
    assert "url(http" not in html
    assert "@import" not in html
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(read.tags)
    assert read.values("src") == []
    assert not [key for key, _ in read.attributes if key.startswith("on")]


def test_it_stays_small(html: str) -> None:
    assert len(html.encode()) < 3_000_000


def test_the_same_document_gives_the_same_page(html: str) -> None:
    assert page(documents.document()) == html


def test_the_document_is_left_alone() -> None:
    given = documents.document()
    before = copy.deepcopy(given)
    page(given)

    assert given == before


def test_it_follows_the_colour_scheme_of_the_reader(html: str) -> None:
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"#(101112|707172|d0d1d2|1070d0|d06010)", html)


HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "=cmd()|'/c calc'!A0",
    '"><svg onload=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "$\\frac{x$",
    "]]>-->",
    "日本語 \U0001f600",
]


def poisoned(value: Any, poison: str) -> Any:
    """Put the poison into every text of the document, keys of user data included."""
    if isinstance(value, dict):
        return {
            f"{key}{poison}" if key in {"customer_id", "plan", "usage", "pandas"} else key:
            poisoned(item, poison)
            for key, item in value.items()
        }  # fmt: skip
    if isinstance(value, list):
        return [poisoned(item, poison) for item in value]
    return poison if isinstance(value, str) else value


@pytest.fixture(scope="module")
def plain() -> Reader:
    return Reader(page(poisoned(documents.document(), "harmless")))


@pytest.mark.parametrize("poison", HOSTILE)
def test_names_and_values_are_text(plain: Reader, poison: str) -> None:
    read = Reader(page(poisoned(documents.document(), poison)))

    assert read.tags == plain.tags
    assert {key for key, _ in read.attributes} == {key for key, _ in plain.attributes}
    assert poison in read.text


def test_hostile_class_names_stay_text_in_the_figures() -> None:
    document = documents.document()
    figures = document["evaluate"]["report"]["figures"]
    figures["confusion"]["labels"] = ["<b>no</b>", "$y$"]
    read = Reader(page(document))

    assert "b" in read.tags  # the page has bold text of its own …
    assert "<b>no</b>" in read.text  # … and the label is none of it
    assert "$y$" in read.text


@pytest.mark.parametrize("missing", sorted(documents.document()))
@pytest.mark.parametrize("left", [None, {}, "absent"])
def test_any_section_may_be_missing(missing: str, left: Any) -> None:
    document = documents.document()
    document.pop("evaluate" if missing != "evaluate" else "monitor")  # the figures take long
    document.pop(missing, None)
    if left != "absent":
        document[missing] = left
    read = Reader(page(document))

    assert read.open == []
    assert "reproduce" in read.values("id")


def test_an_empty_document_gets_a_page() -> None:
    read = Reader(page({}))

    assert "no model was judged" in read.text


def test_missing_keys_leave_gaps_not_errors() -> None:
    read = Reader(page(stripped(documents.document())))

    assert read.open == []
    assert "–" in read.text


def stripped(value: Any) -> Any:
    """Leave out the last key of every mapping inside the sections."""
    if isinstance(value, dict):
        kept = list(value.items())[:-1] if len(value) > 2 else list(value.items())
        return {key: stripped(item) for key, item in kept}
    return [stripped(item) for item in value] if isinstance(value, list) else value


def test_a_run_that_stopped_says_where() -> None:
    document = {
        "title": "churn",
        "steps": [documents.step("ingest", "failed", "DataError", 0.1, "")],
        "problems": [
            {
                "message": "duplicate key",
                "place": "usage.parquet",
                "key": "columns.key",
                "hint": "drop the copies",
            }
        ],
        "ingest": None,
    }
    read = Reader(page(document))
    top = read.text.rpartition("What ran")[0]

    for said in ("Stopped", "duplicate key", "usage.parquet columns.key", "Hint: drop the copies"):
        assert said in top


def test_many_quarantined_rows_are_cut() -> None:
    document = {"quarantine": documents.document()["quarantine"] * 80}

    assert page(document).count("990001") == 50
    assert "80 rows, the first 50" in Reader(page(document)).text


def test_nothing_on_the_page_steers_a_terminal_or_turns_the_text_around() -> None:
    document = documents.document()
    steering = "\x1b[31m\x07\x9b1m\u202eevil\u2066"
    document["problems"] = [{"message": f"no {steering} here", "place": "", "key": "", "hint": ""}]
    html = page(document)
    assert "no □[31m□□1m□evil□ here" in html
    assert not set(steering) & set(html) - set("[31mevil")
