"""The champion beside the model: what it said of the same rows, and where that would be unfair."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.evaluate.cases import part_of
from mlpipe.evaluate.slices import value_of
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.evaluate.spec import Evaluate

__all__ = ["Champion", "champion_report", "champion_warnings", "refuse_unfair"]


@dataclass(frozen=True)
class Champion:
    """The champion and what it says.

    Attributes
    ----------
    words : str
        Which it is: ``churn version 3``.
    predictions : DataFrame
        As those of the model, for the same rows; of parts that are left out there need be none.
    left_out : mapping of str to Problem
        The parts on which it cannot be compared, each with the reason.
    notes : tuple of str
        What a reader of the comparison should know.
    """

    words: str
    predictions: "pd.DataFrame"
    left_out: Mapping[str, Problem] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def refuse_unfair(spec: "Evaluate", parts: Mapping[str, Any], champion: Champion | None) -> None:
    """Refuse a gate that compares with the champion where that would mean nothing.

    Raises
    ------
    DataError
        The champion cannot score the rows of the gate, or was fitted on some of them.
    """
    found = [
        Problem(why.message, key=f"evaluate.gates.{number}.versus", hint=why.hint)
        for number, gate in enumerate(spec.gates)
        if gate.versus == "champion" and champion is not None
        if (why := champion.left_out.get(part_of(gate, parts))) is not None
    ]
    if found:
        raise DataError(*found)


def champion_report(
    champion: Champion | None,
    parts: "Mapping[str, Judged]",
    names: Sequence[str],
    business: Sequence[str],
    measures: "Measures",
) -> dict[str, Any] | None:
    """Return the champion's figures beside the model's, with paired differences.

    Parameters
    ----------
    champion : Champion or None
    parts : mapping of str to Judged
    names : sequence of str
        The metrics that are reported.
    business : sequence of str
        The business metrics.
    measures : Measures

    Returns
    -------
    dict or None
        ``words``, ``left_out`` (part to reason), ``notes``, and for each of ``parts`` the
        ``metrics`` and ``business``: ``name``, ``value`` of the champion (a business metric per
        1,000 rows), and ``difference`` with ``value``, ``low``, ``high``, ``method``: above 0 the
        model is better, whichever way the metric goes. None where there is no champion.
    """
    if champion is None:
        return None
    return {
        "words": champion.words,
        "left_out": {part: why.message for part, why in champion.left_out.items()},
        "notes": list(champion.notes),
        "parts": {
            part: {
                "metrics": list(_metrics(judged, names, measures)),
                "business": list(_business(judged, business, measures)),
            }
            for part, judged in parts.items()
            if judged.champion is not None
        },
    }


def champion_warnings(champion: Champion | None, parts: Mapping[str, Any]) -> list[str]:
    """Return what deserves a look: a comparison that is not there, or that may flatter."""
    if champion is None:
        return []
    judged = next(iter(parts))
    why = champion.left_out.get(judged)
    said = [f"{champion.words} is not compared on {judged}: {why.message}"] if why else []
    return [*said, *champion.notes]


def _metrics(
    judged: "Judged", names: Sequence[str], measures: "Measures"
) -> Iterator[dict[str, Any]]:
    assert judged.champion is not None  # noqa: S101  (the caller looked)
    values = measures.points(names, judged.champion)
    for name in names:
        difference = measures.versus(name, judged, "champion", judged.part)
        value = plain(values[name].value)
        yield {"name": name, "value": value, "difference": value_of(name, difference)}


def _business(
    judged: "Judged", names: Sequence[str], measures: "Measures"
) -> Iterator[dict[str, Any]]:
    for name in names:
        found = measures.worth(name, judged, judged.part)
        if "over_champion" not in found:  # there is nothing to compare with
            continue
        mine, gain = found["value"].value, found["over_champion"]
        value = None if mine is None or gain.value is None else plain(mine - gain.value)
        yield {"name": name, "value": value, "difference": value_of(name, gain)}
