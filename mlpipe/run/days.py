"""The day that a spec counts from, where it names none itself."""

from collections.abc import Mapping

from mlpipe.checks.words import undated
from mlpipe.pipeline import Pipeline

__all__ = ["dated", "needs_day"]


def needs_day(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the sections that count from a day which the spec does not name.

    Checks count ages from it; silences of `monitor` last until one, rows of current data that are
    later lie in the future, and it is the place in time of current data that has none.
    """
    sources, found = pipeline.ingest.sources.values(), []
    asked = [pipeline.validate_.checks, *(source.checks for source in sources)]
    if pipeline.validate_.as_of is None and any(map(undated, asked)):
        found.append("validate")
    monitor = pipeline.monitor
    if monitor is not None and monitor.as_of is None:
        placed = monitor.current and (pipeline.columns.time or monitor.history)
        found += ["monitor"] if monitor.silence or placed else []
    return tuple(found)


def dated(pipeline: Pipeline, days: Mapping[str, str]) -> Pipeline:
    """Return the spec with the day that each section counts from.

    Parameters
    ----------
    pipeline : Pipeline
    days : mapping
        By the name of the section, as in `needs_day`.
    """
    fields = {"validate": "validate_", "monitor": "monitor"}
    sections = {
        fields[name]: getattr(pipeline, fields[name]).model_copy(update={"as_of": day})
        for name, day in days.items()
    }
    return pipeline.model_copy(update=sections)
