"""Cases 76 to 80: the same table in every format, ingested and then validated."""

import pytest

from mlpipe.errors import DataError
from mlpipe.table.columns import Columns
from mlpipe.validate.spec import Validate
from mlpipe.validate.stage import validate
from tests.bad_inputs.of_values import texts
from tests.bad_inputs.taking import outputs_of
from tests.bad_inputs.words import FORMATS, Taken


@pytest.fixture(params=FORMATS)
def report(request, tmp_path, monkeypatch, session):
    """Return a function that ingests a column ``x`` of texts, and validates it by a section."""
    monkeypatch.chdir(tmp_path)

    def report(values, section):
        (entry,) = texts(values, Taken())[request.param]
        entry.write(tmp_path)
        table = outputs_of(entry, tmp_path, session)["table"]
        return validate(Validate.read(section), Columns.read({}), table, session)["report"]

    return report


def said(found, status):
    return [(each["check"], each["column"]) for each in found["checks"] if each["status"] == status]


def test_case_76_a_missing_column(report):
    with pytest.raises(DataError, match="did you mean 'x'") as caught:
        report(["a", "b"], {"columns": {"xx": {}, "zz": {}}})
    assert [problem.key for problem in caught.value.problems] == [
        "validate.columns.xx",
        "validate.columns.zz",
    ]
    assert caught.value.exit_code == 3


def test_case_77_an_extra_column(report):
    found = report(["a", "b"], {"columns": {"n": {}}, "schema": "exact"})
    assert said(found, "warned") == [("extra_column", "x")]
    assert found["status"] == "warned"
    whole = report(["a", "b"], {"columns": {"n": {}, "x": {}}, "schema": "exact"})
    assert whole["status"] == "passed"


def test_case_78_the_type_of_a_column_drifts(report):
    found = report(["1a", "2b"], {"columns": {"x": {"type": "integer"}}})
    assert said(found, "failed") == [("type", "x")]
    assert report(["1a", "2b"], {"columns": {"x": {"type": "string"}}})["status"] == "passed"


def test_case_79_a_column_without_values_keeps_its_width(report):
    found = report([None, None], {})
    assert said(found, "warned") == [("all_null", "x")]
    assert [each["column"] for each in found["profile"]] == ["n", "x"]


def test_case_80_a_constant_column(report):
    assert said(report(["a", "a"], {}), "warned") == [("constant", "x")]
    assert said(report(["a", "b"], {}), "warned") == []
