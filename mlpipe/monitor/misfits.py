"""What is watched, and does not fit the rest of the spec: metrics of another task, idle margins."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mlpipe.metrics.scores import METRICS
from mlpipe.monitor.estimate.worth import WATCHED
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlpipe.metrics.business import Business
    from mlpipe.monitor.spec import Monitor

__all__ = ["misfits"]

Misfit: TypeAlias = "tuple[tuple[str | int, ...], str, str]"


def misfits(
    spec: Monitor, task: str, business: Mapping[str, Business], fairness: Sequence[str]
) -> Iterator[Misfit]:
    """Yield ``(place, message, hint)`` for each; the place is the path of keys below ``monitor``.

    Parameters
    ----------
    spec : Monitor
    task : str
    business : mapping of str to Business
        What evaluate names.
    fairness : sequence of str
        The fairness metrics that evaluate reports.
    """
    watched = [(("quality", "metric"), spec.quality.metric)] if spec.quality else []
    more = spec.estimate.metrics if spec.estimate else ()
    for place, name in [*watched, *((("estimate", "metrics", at), n) for at, n in enumerate(more))]:
        if task not in METRICS[name].tasks:
            known = ", ".join(METRICS.shapes(task, scaled=False))
            hint = METRICS.nearest(name, task) or f"one of: {known}"
            yield place, f"'{name}' is not a metric of the task {task}", hint
    yield from _margins(spec, business, fairness)


def _margins(
    spec: Monitor, business: Mapping[str, Business], fairness: Sequence[str]
) -> Iterator[Misfit]:
    """Yield the margins of what is never judged: they would be taken for a limit."""
    asked = spec.estimate
    valued = not asked or asked.business
    names = [
        *(asked.metrics if asked else ()),
        *(name for name, each in business.items() if each.kind in WATCHED and valued),
        *(name for name in fairness if not asked or asked.fairness),
    ]
    for name in spec.margins:
        place = ("margins", name)
        if spec.quality and name == spec.quality.metric:
            hint = f"quality: {{metric: {name}, margin: {spec.margins[name]}}}"
            yield place, f"the margin of '{name}' stands beside it", hint
        elif name in business and business[name].kind not in WATCHED:
            yield place, f"'{name}' is not watched: it is no mean over rows", "leave it out"
        elif name not in names:
            known = f"watched are {', '.join(names)}" if names else "nothing else is watched"
            hint = did_you_mean(name, names) or known
            yield place, f"'{name}' is not watched: there is nothing to be worse", hint
