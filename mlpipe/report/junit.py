"""The verdicts of a command as JUnit XML, which CI servers read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from mlpipe.report.cases import suites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.report.cases import Case, Suite

__all__ = ["junit"]

# What XML 1.0 has no way to write, not even escaped.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(document: Mapping[str, Any]) -> str:
    """Return XML: a suite a step, a case a check, gate or column.

    A warning is a skipped case: it is shown and fails nothing. So is what was silenced, or not
    judged. One scan counts all checks of a step, so the step's time is spread over its cases
    evenly; their sum is right.

    Parameters
    ----------
    document : mapping
        As for `suites`.
    """
    found = suites(document)
    root = ET.Element("testsuites", name=_text(document.get("title") or "mlpipe"))
    root.extend(_suite(suite) for suite in found)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{sum(suite.seconds for suite in found):.3f}")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(suite: Suite) -> ET.Element:
    statuses = [case.status for case in suite.cases]
    element = ET.Element(
        "testsuite",
        name=_text(suite.name),
        tests=str(len(statuses)),
        failures=str(statuses.count("failed")),
        errors=str(statuses.count("error")),
        skipped=str(statuses.count("warned") + statuses.count("skipped")),
        time=f"{suite.seconds:.3f}",
    )
    each = suite.seconds / len(statuses)
    element.extend(_case(suite.name, case, each) for case in suite.cases)
    return element


def _case(suite: str, case: Case, seconds: float) -> ET.Element:
    element = ET.Element(
        "testcase",
        classname=_text(f"{suite}.{case.group}"),
        name=_text(case.name),
        time=f"{seconds:.6f}",
    )
    tags = {"failed": "failure", "error": "error", "warned": "skipped", "skipped": "skipped"}
    tag = tags.get(case.status)
    if tag is not None:
        said = ET.SubElement(element, tag, message=_text(case.message))
        if tag != "skipped":
            said.set("type", case.status)
        said.text = _text("\n".join([case.message, *case.examples]))
    return element


def _text(value: Any) -> str:
    r"""Write what XML cannot hold as an escape that a person can read.

    >>> _text("a\x00b")
    'a\\x00b'
    """
    return _UNWRITABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", str(value))
