"""Feedback: the sources of answers that business metrics name, read and joined to the rows."""

from typing import TYPE_CHECKING, Any

from mlpipe.ingest.source import Source
from mlpipe.run.fetched import localized_source
from mlpipe.run.secrets import opened_source

if TYPE_CHECKING:
    from mlpipe.evaluate.business.answers import Joined
    from mlpipe.run.task import Task

__all__ = ["joined"]


def joined(task: "Task") -> "tuple[dict[str, Joined], dict[str, Any]]":
    """Return the answers of each business metric that is feedback, by its name.

    Returns
    -------
    answers : dict of str to Joined
    outputs : dict
        ``quarantine``: the rows of answers that could not be read, where there are any.

    Raises
    ------
    SpecError
        Files or columns that are not there.
    DataError
        Answers that cannot be read exactly, or are not on their scale.
    """
    from mlpipe.evaluate.business.answers import Joined
    from mlpipe.ingest.answers import Wanted, read_answers
    from mlpipe.ingest.load import quarantine

    found, sources = {}, []
    for name, business in task.section("evaluate.business").items():
        feedback = business.feedback
        if feedback is None:
            continue
        source = opened_source(Source.read(feedback.source_values()))
        if name in task.local:
            source = localized_source(source, task.local[name])
        wanted = Wanted(
            name,
            f"evaluate.business.{name}.feedback",
            source,
            feedback.keys,
            feedback.column,
            feedback.range,
            feedback.max_bad_rows,
        )
        read = read_answers(wanted, task.table("ingest"), task.session)
        found[name] = Joined(read.rows, read.facts, read.warnings)
        sources += [read.source] if read.source.bad else []
    return found, {"quarantine": quarantine(sources, task.session)} if sources else {}
