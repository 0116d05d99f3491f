"""The metrics of an evaluation: those of mlpipe, scaled by the baseline, and the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.custom_metric import custom_metric
from mlpipe.metrics.relative import scaled
from mlpipe.metrics.scores import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.spec import Evaluate
    from mlpipe.metrics.named import Vocabulary

__all__ = ["vocabulary"]


def vocabulary(
    spec: Evaluate,
    task: str,
    classes: Sequence[Any],
    parts: Mapping[str, Judged],
    code: Mapping[str, str],
) -> Vocabulary:
    """Return every metric that the evaluation can name.

    Parameters
    ----------
    spec : Evaluate
    task : str
    classes : sequence
        In the order of their codes.
    parts : mapping of str to Judged
    code : mapping of str to str
        The text of each file that metrics of the user's own name.

    Raises
    ------
    SpecError
        A function of the user's own is not there, or takes something else.
    """
    naive = next(iter(parts.values())).naive
    scale = naive.facts.get("train_mae")
    known = [scaled(each, scale) for each in METRICS.values() if each.scaled]
    own = [custom_metric(each, code[each.path], task, classes) for each in spec.custom]
    return METRICS.beside([*known, *own])
