"""What the spec says of operational metrics."""

import pytest
from pydantic import ValidationError

from mlpipe.evaluate.misfits import misfits
from mlpipe.evaluate.spec import Evaluate, without_operational
from mlpipe.evaluate.timing import Timing
from mlpipe.table.columns import Columns

FAST = {"metric": "latency_p99_ms", "max": 20}
GOOD = {"metric": "roc_auc", "min": 0.7}


def test_nothing_is_measured_unless_asked():
    assert Evaluate.read({"gates": [GOOD]}).timing is None
    assert Evaluate.read({"operational": True}).timing == Timing()
    assert Evaluate.read({"operational": {"batch": 50}}).timing == Timing(batch=50)


def test_a_gate_asks_by_naming_one():
    spec = Evaluate.read({"gates": [GOOD, FAST]})
    assert spec.timing == Timing()
    assert [gate.metric for gate in spec.operational_gates] == ["latency_p99_ms"]


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ({"metric": "latency_p99_ms", "min": 1}, "would fail an improvement"),
        ({"metric": "rows_per_second", "max": 1}, "would fail an improvement"),
        ({**FAST, "slice": "plan"}, "as a whole"),
        ({**FAST, "part": "test"}, "as a whole"),
        ({"metric": "latency_p99_ms", "versus": "champion"}, "as a whole"),
        ({**FAST, "across": "gender"}, "across goes with fairness"),
        ({"metric": "latency_p98_ms", "max": 1}, "did you mean|neither a metric"),
    ],
)
def test_a_gate_that_makes_no_sense_is_refused(gate, message):
    with pytest.raises(ValidationError, match=message):
        Evaluate.read({"gates": [gate]})


def test_a_gate_that_no_measurement_could_decide_is_refused():
    spec = Evaluate.read({"gates": [FAST], "operational": {"repetitions": 367}})
    ((at, message, hint),) = misfits(spec, "regression", Columns())
    assert at == ("gates", 0, "metric")
    assert "from 368 measurements on" in message
    assert hint == "operational: {repetitions: 368}"
    enough = Evaluate.read({"gates": [FAST], "operational": {"repetitions": 368}})
    assert not list(misfits(enough, "regression", Columns()))


def test_keys_see_nothing_of_it():
    plain = Evaluate.read({"gates": [GOOD]}).model_dump(mode="json")
    asked = Evaluate.read({"gates": [FAST, GOOD], "operational": True}).model_dump(mode="json")
    assert without_operational(asked) == without_operational(plain)
    other = Evaluate.read({"gates": [{**GOOD, "min": 0.8}]}).model_dump(mode="json")
    assert without_operational(other) != without_operational(plain)


def test_a_business_metric_may_not_take_its_name():
    with pytest.raises(ValidationError, match="has the name of a metric"):
        Evaluate.read({"business": {"model_bytes": {"value": {"tp": 1}}}})
