"""The rows that a model is most wrong about, each with what made it say what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mlpipe.explain.held import Held
    from mlpipe.explain.reasons import Reasons
    from mlpipe.metrics.arrays import Array

__all__ = ["REASONS", "loss", "reason", "worst_entries", "worst_rows", "wrong_rows"]

REASONS = 3
"""So many reasons are given for each row."""

_LONGEST = 40


def loss(held: Held) -> tuple[Array, str]:
    """Return how wrong each row is, and in what unit.

    The absolute error of a number; of classes the log loss, of a model that has margins instead
    of probabilities the logistic loss of its margin.
    """
    import numpy as np
    from scipy.special import expit, log_softmax

    y, scores = held.y, held.scores
    if held.task == "regression":
        return np.abs(scores - y), "absolute error"
    probable = bool(((scores >= 0) & (scores <= 1)).all())
    if scores.ndim == 1:
        chance = scores if probable else expit(scores)
        true = np.where(y == 1, chance, 1 - chance)
    else:
        chance = scores if probable else np.exp(log_softmax(scores, axis=1))
        true = chance[np.arange(len(y)), y]
    return -np.log(np.clip(true, 1e-15, 1)), "log loss"


def wrong_rows(held: Held) -> Array:
    """Return whether each row was told wrong: another label, or another number at all."""
    import numpy as np

    return np.asarray(held.labels(held.scores) != held.y)


def worst_rows(held: Held, count: int) -> Array:
    """Return the places of the rows with the largest loss, the worst first.

    Of classes only those with a wrong label: the confident mistakes. Equals in the order of rows.
    """
    import numpy as np

    found, _ = loss(held)
    order = np.argsort(-found, kind="stable")
    return np.asarray(order[wrong_rows(held)[order]][:count])


def worst_entries(
    held: Held,
    at: Array,
    why: Reasons | None,
    places: Mapping[int, tuple[str, int]],
) -> list[dict[str, Any]]:
    """Return what is told of the worst rows, as JSON values.

    Parameters
    ----------
    held : Held
    at : array of int
        From `worst_rows`.
    why : Reasons, optional
        Of the first of them, in the same order.
    places : mapping of int to (str, int)
        The file and line of the rows that have one.
    """
    found, _ = loss(held)
    entries = []
    for number, place in enumerate(at.tolist()):
        row = int(held.rows[place])
        file, line = places.get(row, (None, None))
        entry = {
            "row": row,
            "key": {str(name): shown(held.keys[name].iloc[place]) for name in held.keys},
            "file": file,
            "line": line,
            **_said(held, place),
            "loss": float(found[place]),
        }
        if why is not None and number < len(why.effects):
            entry["reasons"] = [
                reason(held.frame, place, name, effect, held.withheld)
                for name, effect in why.strongest(number, REASONS)
            ]
        entries.append(entry)
    return entries


def reason(
    frame: pd.DataFrame, place: int, column: str, effect: float, withheld: frozenset[str]
) -> dict[str, Any]:
    """Return one reason: ``column``, ``value`` where it has one to show, ``effect``, ``words``."""
    found: dict[str, Any] = {"column": column, "effect": effect}
    if column not in frame:  # all that the model reads of it lies before the row
        return {**found, "words": f"earlier {column} ({effect:+.2g})"}
    if column in withheld:
        return {**found, "words": f"{column} ({effect:+.2g})"}
    value = shown(frame[column].iloc[place])
    said = f"{column} missing" if value is None else f"{column}={value}"
    return {**found, "value": value, "words": f"{said} ({effect:+.2g})"}


def shown(value: Any) -> Any:
    """Return a value as a reader takes it in: a day without its midnight, no more than a line."""
    found = plain(value)
    if found == "NaT":
        return None
    if isinstance(found, float) and found == round(found) and abs(found) < 1e15:
        return int(found)
    if not isinstance(found, str):
        return found
    text = " ".join(found.removesuffix("T00:00:00").split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _said(held: Held, place: int) -> dict[str, Any]:
    truth, score = held.y[place], held.scores[place]
    label = held.labels(held.scores)[place]
    if held.task == "regression":
        return {"truth": plain(float(truth)), "prediction": plain(float(label)), "score": None}
    names = [shown(name) for name in held.classes]
    of = score if held.task == "binary" else score[int(label)]
    return {
        "truth": names[int(truth)],
        "prediction": names[int(label)],
        "score": plain(float(of)),
    }
