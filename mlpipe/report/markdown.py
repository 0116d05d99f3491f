"""The verdicts of a command as Markdown, for the summary page of a CI job or a pull request."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from mlpipe.report.cases import suites, verdict_of
from mlpipe.report.champion import told
from mlpipe.report.words import number, plural, sign, tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlpipe.report.cases import Case, Suite

__all__ = ["markdown"]

_MARKS = re.compile(r"([\\`*_{}\[\]#+!|~$-])")
_DIRECTION = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks that turn the direction of text: after them a verdict may read backwards."""
_CONTROL = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_DIRECTION}]+")
# What GitHub and GitLab make a link or a mention of by themselves.
_LINKED = re.compile(r"(://|www(?=\.)|@|\\#)", re.IGNORECASE)
_EXAMPLES = 3
_LAST = ("warned", "skipped")
"""What fails nothing, in the order that it comes in after what does."""
_MOST = 12
"""So many cases that passed are shown in the table; more are folded away."""


def markdown(document: Mapping[str, Any]) -> str:
    """Return Markdown: the verdict, the metrics, what failed with examples, and what passed.

    Whatever names and values say, nothing in it is a link, a mention or markup.

    Parameters
    ----------
    document : mapping
        As for `suites`, with ``title``, and ``answer`` where a model was judged.
    """
    found = suites(document)
    word = {"error": "stopped", "warned": "passed with warnings"}
    status = verdict_of(found)
    title = _text(document.get("title") or "mlpipe")
    lines = [f"## {sign(status)} {title}: {word.get(status, status)}", ""]
    lines += _metrics((document.get("answer") or {}).get("metrics"))
    for suite in found:
        lines += [*_suite(suite), ""]
    if not found:
        lines += ["No step that gives a verdict has run.", ""]
    return "\n".join(lines)


def _metrics(metrics: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the table of metrics: intervals, and beside them the baseline and the champion."""
    if not metrics or not metrics.get("rows"):
        return
    rival = metrics.get("champion")
    rows = plural(metrics.get("count"), "row")
    yield f"{_text(metrics.get('model'))} on {_text(metrics.get('part'))}, {rows}"
    yield ""
    heads = ["metric", "value", "95 % interval", _text(metrics.get("baseline"))]
    heads += [_text(rival), "better by", ""] if rival else []
    yield f"| {' | '.join(heads)} |"
    yield f"|---{'|--:' * (3 + 2 * bool(rival))}{'|---' if rival else ''}|"
    for row in metrics["rows"]:
        cells = [_text(row.get("name")), number(row.get("value")), _interval(row)]
        cells.append(number(row.get("baseline")))
        yield f"| {' | '.join([*cells, *(_beside(row) if rival else ())])} |"
    yield ""


def _beside(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the champion's value, the interval of how much better the model is, and a word."""
    difference = row.get("difference") or {}
    return number(row.get("champion")), _interval(difference), told(difference)


def _interval(row: Mapping[str, Any]) -> str:
    if row.get("low") is None or row.get("high") is None:
        return number(None)
    return f"{number(row['low'])} to {number(row['high'])}"


def _suite(suite: Suite) -> Iterator[str]:
    bad = sorted(
        (case for case in suite.cases if case.status != "passed"),
        key=lambda case: _LAST.index(case.status) if case.status in _LAST else -1,
    )
    good = [case for case in suite.cases if case.status == "passed"]
    count = Counter(case.status if case.status in _LAST else "failed" for case in bad)
    counts = [f"{count[word]} {word}" for word in ("failed", *_LAST) if count[word]]
    counts += [f"{len(good)} passed"] if good else []
    yield f"### {_text(suite.name)}: {', '.join(counts)}"
    yield ""
    # Few gates are read one by one; the checks of a table are many.
    shown = good if suite.name == "evaluate" and len(good) <= _MOST else []
    if bad or shown:
        yield "|  | asked | failing | what was found |"
        yield "|---|---|--:|---|"
        yield from (_row(case) for case in (*bad, *shown))
        yield ""
    if good and not shown:
        yield from _folded(good)


def _row(case: Case) -> str:
    shown = [_text(each) for each in case.examples[:_EXAMPLES]]
    more = len(case.examples) - len(shown)
    shown += [f"and {plural(more, 'example')} more"] if more > 0 else []
    said = "<br>".join([_text(case.message), *(f"<sub>{each}</sub>" for each in shown)])
    known = case.status == "skipped" or tone(case.status) != "plain"
    mark = sign(case.status if known else "failed")
    return f"| {mark} {case.status} | {_text(case.name)} | {_text(case.failing)} | {said} |"


def _folded(good: Sequence[Case]) -> Iterator[str]:
    yield f"<details><summary>{len(good)} passed</summary>"
    yield ""
    yield from (f"- {_text(case.name)}" for case in good)
    yield ""
    yield "</details>"


def _text(value: Any) -> str:
    r"""Write text that means nothing to Markdown and HTML, on one line.

    A space of no width takes apart what would become a link or call somebody.

    >>> _text("a|b <i>\n*c*"), _text("http://x.y @me"), _text("a\u202eb")
    ('a\\|b &lt;i&gt; \\*c\\*', 'http://&#8203;x.y @&#8203;me', 'a b')
    """
    plain = html.escape(_CONTROL.sub(" ", str(value)), quote=False)
    return _LINKED.sub(r"\1&#8203;", _MARKS.sub(r"\\\1", plain))
