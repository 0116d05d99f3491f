"""What of the business metrics does not fit the task, the columns or the gates."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mlpipe.evaluate.spec import Evaluate

__all__ = ["misfits"]

Misfit: TypeAlias = tuple[tuple[str | int, ...], str, str]
_INSTEAD = {
    "binary": "value: {tp: 20, fp: -5}",
    "multiclass": "matrix: {TRUE: {PREDICTED: -5}}",
    "regression": "cost: {under: 3, over: 1}",
}


def misfits(spec: "Evaluate", task: str) -> Iterator[Misfit]:
    """Yield ``(place, message, hint)`` of metrics for another task, and of gates that are none.

    Parameters
    ----------
    spec : Evaluate
    task : str

    Yields
    ------
    tuple
        The place is the path of keys below ``evaluate``.
    """
    for name, business in spec.business.items():
        if task not in business.tasks:
            does = " and ".join(business.tasks)
            what = f"'{business.kind}' judges {does} tasks, not {task}"
            yield ("business", name), what, f"for {task}: {_INSTEAD[task]}"
    for number, gate in enumerate(spec.gates):
        business_of = spec.business.get(gate.metric)
        if business_of is None:
            continue
        at = ("gates", number)
        if gate.max is not None:
            what = f"{gate.metric} is better when greater: a max would fail an improvement"
            yield (*at, "max"), what, "use min"
        if business_of.kind == "feedback" and gate.versus:
            what = f"{gate.metric} is what customers say: there is no {gate.versus} to hold it to"
            yield (*at, "versus"), what, "use min"
