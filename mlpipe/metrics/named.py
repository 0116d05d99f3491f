"""The vocabulary of metrics: from a name, ``f1`` or ``fbeta_2``, to the metric."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from mlpipe.metrics.family import Family
from mlpipe.metrics.metric import Metric
from mlpipe.spec.suggest import did_you_mean

__all__ = ["Vocabulary"]


class Vocabulary(Mapping[str, Metric]):
    """Every metric by name; those with a parameter are made when they are asked for.

    It iterates over the names without a parameter, in the order in which reports show them.

    Parameters
    ----------
    rows : iterable of Metric or Family

    Examples
    --------
    >>> from mlpipe.metrics.scores import METRICS
    >>> METRICS["precision_at_0.10"].name
    'precision_at_0.1'
    >>> "precision_at_1.5" in METRICS
    False
    """

    def __init__(self, rows: Iterable[Metric | Family]) -> None:
        rows = tuple(rows)
        self._metrics = {each.name: each for each in rows if isinstance(each, Metric)}
        self.families = {each.word: each for each in rows if isinstance(each, Family)}

    def __getitem__(self, name: str) -> Metric:
        """Return the metric of a name.

        Raises
        ------
        KeyError
            The name is no metric's, or its parameter is out of range.
        """
        if name in self._metrics:
            return self._metrics[name]
        family = self.family(name)
        found = family.named(name) if family else None
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names that have no parameter."""
        return iter(self._metrics)

    def __len__(self) -> int:
        """Count the metrics that have no parameter."""
        return len(self._metrics)

    def beside(self, metrics: Iterable[Metric]) -> "Vocabulary":
        """Return the vocabulary with some metrics more, or others of the same name."""
        more = {each.name: each for each in metrics}
        return Vocabulary([*{**self._metrics, **more}.values(), *self.families.values()])

    def family(self, name: str) -> Family | None:
        """Return the family that a name is meant for: that of the longest word."""
        claimed = [each for each in self.families.values() if each.claims(name)]
        return max(claimed, key=lambda each: len(each.word), default=None)

    def shapes(
        self, task: str | None = None, needs: str | None = None, *, scaled: bool = True
    ) -> tuple[str, ...]:
        """Return how the metrics are written: ``f1``, ``fbeta_BETA``; of a task, or all.

        Parameters
        ----------
        task : str, optional
        needs : str, optional
            Of those metrics alone that need this, e.g. ``label``.
        scaled : bool
            Whether those that need a scale are among them.
        """
        written = {each.shape: each.sample for each in self.families.values()}
        return tuple(
            shape
            for shape, each in {**self._metrics, **written}.items()
            if task in (None, *each.tasks)
            and needs in (None, each.needs)
            and (scaled or not each.scaled)
        )

    def nearest(self, name: str, task: str | None = None) -> str:
        """Suggest what may have been meant, with the parameter that was given."""
        tail = name.rpartition("_")[2]
        of_families = (
            (each.named(f"{each.word}_{tail}") or each.sample).name
            for each in self.families.values()
            if task in (None, *each.sample.tasks)
        )
        return did_you_mean(name, [*self.shapes(task), *of_families])

    def canonical(self, value: Any) -> str:
        """Return the one name of a metric that YAML may write in several ways.

        Parameters
        ----------
        value : Any
            ``fbeta_2``, ``{fbeta: 2}`` or ``{fbeta: {beta: 2}}``.

        Raises
        ------
        PydanticCustomError
            ``unknown_metric`` with a suggestion or the known ones; ``metric_parameter`` with the
            range of a parameter that is missing or out of it; ``metric_shape``.
        """
        if isinstance(value, str):
            if value in self:
                return self[value].name
            self._refuse(value)
        if not isinstance(value, Mapping) or len(value) != 1:
            raise PydanticCustomError(
                "metric_shape",
                "expected the name of a metric, or one with its parameter",
                {"hint": "f1, fbeta_2 or {fbeta: 2}"},
            )
        ((word, parameter),) = value.items()
        if word not in self.families:
            self._refuse(str(word))
        found = self.families[word].of(parameter)
        if found is None:
            raise _out_of_range(self.families[word], parameter)
        return found.name

    def _refuse(self, name: str) -> None:
        family = self.family(name)
        if name in self._metrics:
            message, hint = "'{name}' takes no parameter", "write its name alone"
            raise PydanticCustomError("metric_parameter", message, {"name": name, "hint": hint})
        if family is not None:
            raise _out_of_range(family, name.removeprefix(family.word).removeprefix("_"))
        hint = self.nearest(name) or f"expected one of: {', '.join(self.shapes())}"
        message = "'{name}' is not a metric"
        raise PydanticCustomError("unknown_metric", message, {"name": name, "hint": hint})


def _out_of_range(family: Family, parameter: Any) -> PydanticCustomError:
    said = "nothing" if parameter in ("", None) else repr(parameter)[:60]
    return PydanticCustomError(
        "metric_parameter",
        "'{word}' takes {expected}; not {said}",
        {
            "word": family.word,
            "expected": family.expected,
            "said": said,
            "hint": f"e.g. {family.word}_{family.example}",
        },
    )
