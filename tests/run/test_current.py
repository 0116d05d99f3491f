"""What does not fit is laid to the current data, and hints name where its types are declared."""

import pytest

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.pipeline import Pipeline
from mlpipe.run.wiring.data import of_current

BASE = {
    "name": "p",
    "task": "binary",
    "columns": {"target": "y"},
    "ingest": {"path": "x.csv"},
}
HINT = "declare it: ingest: sources: NAME: types: {age: integer}"


@pytest.mark.parametrize(
    ("current", "hint"),
    [
        ({"path": "now.csv"}, HINT),
        ({"log": "log/"}, "declare it: monitor: current: types: {age: integer}"),
    ],
)
def test_a_type_is_declared_where_the_rows_come_from(current, hint):
    pipeline = Pipeline.read({**BASE, "monitor": {"current": current}})
    with pytest.raises(DataError) as caught, of_current(pipeline):
        raise DataError(Problem("expected integer, not string", key="age", hint=HINT))
    (problem,) = caught.value.problems
    assert (problem.place, problem.key, problem.hint) == ("current data", "age", hint)


def test_a_mistake_of_the_spec_stays_one():
    pipeline = Pipeline.read({**BASE, "monitor": {"current": {"path": "now.csv"}}})
    with pytest.raises(SpecError), of_current(pipeline):
        raise SpecError(Problem("there is no file", key="monitor.current.path"))
