"""The verdicts of a command as Markdown, for the summary page of a CI job."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from mlpipe.report.cases import suites, verdict_of
from mlpipe.report.words import plural, sign, tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlpipe.report.cases import Case, Suite

__all__ = ["markdown"]

_MARKS = re.compile(r"([\\`*_{}\[\]#+!|~$-])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_EXAMPLES = 3


def markdown(document: Mapping[str, Any]) -> str:
    """Return Markdown: the verdict, what failed with examples, and what passed, folded away.

    Parameters
    ----------
    document : mapping
        As for `suites`, with ``title``.
    """
    found = suites(document)
    word = {"error": "stopped", "warned": "passed with warnings"}
    status = verdict_of(found)
    title = _text(document.get("title") or "mlpipe")
    lines = [f"## {sign(status)} {title}: {word.get(status, status)}", ""]
    for suite in found:
        lines += [*_suite(suite), ""]
    if not found:
        lines += ["No step that gives a verdict has run.", ""]
    return "\n".join(lines)


def _suite(suite: Suite) -> Iterator[str]:
    bad = sorted(
        (case for case in suite.cases if case.status != "passed"),
        key=lambda case: case.status == "warned",
    )
    good = [case for case in suite.cases if case.status == "passed"]
    failed = sum(case.status != "warned" for case in bad)
    counts = [f"{failed} failed"] if failed else []
    counts += [f"{len(bad) - failed} warned"] if len(bad) > failed else []
    counts += [f"{len(good)} passed"] if good else []
    yield f"### {_text(suite.name)}: {', '.join(counts)}"
    yield ""
    if bad:
        yield "|  | asked | failing | what was found |"
        yield "|---|---|--:|---|"
        yield from (_row(case) for case in bad)
        yield ""
    if good:
        yield from _folded(good)


def _row(case: Case) -> str:
    shown = [_text(each) for each in case.examples[:_EXAMPLES]]
    more = len(case.examples) - len(shown)
    shown += [f"and {plural(more, 'example')} more"] if more > 0 else []
    said = "<br>".join([_text(case.message), *(f"<sub>{each}</sub>" for each in shown)])
    mark = sign(case.status if tone(case.status) != "plain" else "failed")
    return f"| {mark} {case.status} | {_text(case.name)} | {_text(case.failing)} | {said} |"


def _folded(good: Sequence[Case]) -> Iterator[str]:
    yield f"<details><summary>{len(good)} passed</summary>"
    yield ""
    yield from (f"- {_text(case.name)}" for case in good)
    yield ""
    yield "</details>"


def _text(value: Any) -> str:
    r"""Write text that means nothing to Markdown and HTML, on one line.

    >>> _text("a|b <i>\n*c*")
    'a\\|b &lt;i&gt; \\*c\\*'
    """
    return _MARKS.sub(r"\\\1", html.escape(_CONTROL.sub(" ", str(value)), quote=False))
