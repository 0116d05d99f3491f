"""Answers of customers: read like any source, joined, and every one accounted for."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.answers import Read, Wanted, read_answers
from mlpipe.ingest.source import Source
from mlpipe.table.session import Session

TABLE = pd.DataFrame(
    {
        "_row": range(6),
        "id": ["007", "007", "008", "009", None, "010"],
        "month": [1, 2, 1, 1, 1, 1],
    }
)


TYPES = {"id": "string", "score": "integer"}


@pytest.fixture
def answers(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def read(text: str, join: tuple[str, ...] = ("id",), **given: Any) -> Read:
        (tmp_path / "nps.csv").write_text(text)
        bad = given.pop("max_bad_rows", 0)
        scale = given.pop("scale", (0, 10))
        given.setdefault("types", {"id": "string"})
        source = Source.read({"path": "nps.csv", **given})
        wanted = Wanted("nps", "evaluate.business.nps.feedback", source, join, "score", scale, bad)
        return read_answers(wanted, session.frame(TABLE), session)

    return read


def test_every_row_gets_the_last_answer_of_its_customer(answers: Any) -> None:
    read = answers("id,score\n007,3\n008,\n007,9\n007,\n999,10\n,4\n")
    assert read.rows["_row"].tolist() == [0, 1, 2, 3, 4, 5]
    expected = [9, 9, np.nan, np.nan, np.nan, np.nan]
    np.testing.assert_array_equal(read.rows["answer"], expected)
    assert read.rows["customer"].tolist() == [0, 0, 1, 2, -1, 3]
    facts = {key: read.facts[key] for key in ("answers", "without_answer", "repeated", "unmatched")}
    assert facts == {"answers": 6, "without_answer": 2, "repeated": 1, "unmatched": 2}
    assert read.warnings == (
        "answers followed by a later one of the same customer: 1",
        "answers that belong to no row: 2 of 6",
    )


def test_a_key_of_two_columns_tells_months_apart(answers: Any) -> None:
    read = answers("id,month,score\n007,2,8\n", join=("id", "month"))
    assert read.rows["answer"].isna().tolist() == [True, False, True, True, True, True]
    assert read.rows["customer"].tolist() == [0, 1, 2, 3, -1, 4]
    assert read.warnings == ()


def test_words_for_no_answer_and_bad_rows_are_those_of_any_source(answers: Any) -> None:
    text = "id,score\n007,99\n008,good\n009,7\n010,5\n"
    read = answers(text, nulls=["99"], types=TYPES, max_bad_rows=1)
    assert (read.facts["without_answer"], read.facts["rejected"]) == (1, 1)
    assert read.facts["rejected_rows"][0]["line"] == 3
    assert read.source.bad[0].reason
    assert read.rows["answer"].tolist()[3] == 7
    with pytest.raises(DataError, match="1 of 4 rows are bad") as caught:
        answers(text, types=TYPES)
    assert "evaluate.business.nps.feedback.max_bad_rows" in caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("scores", "scale", "message"),
    [
        ("99,3", (0, 10), "1 answers are not whole numbers from 0 to 10: 99"),
        ("-1,11", (0, 10), "2 answers are not whole numbers from 0 to 10: -1, 11"),
        ("0,5", (1, 5), "1 answers are not whole numbers from 1 to 5: 0"),
        ("7.5,8", (0, 10), "1 answers are not whole numbers from 0 to 10: 7.5"),
        ("yes,no", (0, 10), "'score' is varchar; answers are numbers"),
    ],
)
def test_an_answer_off_the_scale_is_refused(
    answers: Any, scores: str, scale: tuple[int, int], message: str
) -> None:
    one, other = scores.split(",")
    with pytest.raises(DataError, match=message) as caught:
        answers(f"id,score\n007,{one}\n008,{other}\n", scale=scale)
    assert "nulls" in caught.value.problems[0].hint


def test_numbers_with_a_point_are_whole(answers: Any) -> None:
    assert answers("id,score\n007,8.0\n").rows["answer"][0] == 8


def test_a_key_of_another_type_is_refused_not_bent(answers: Any) -> None:
    with pytest.raises(DataError, match="is varchar in the table and bigint in the answers of nps"):
        answers("id,score\n7,8\n", types={"id": "integer"})


def test_a_column_that_is_not_there_is_named_on_its_side(answers: Any) -> None:
    with pytest.raises(SpecError, match="the answers have no column 'score'"):
        answers("id,scores\n007,8\n")
    with pytest.raises(SpecError, match="the table has no column 'customer'"):
        answers("customer,score\n007,8\n", join=("customer",), types={})
    with pytest.raises(SpecError, match="no column 'id'") as caught:
        answers("customer,score\n007,8\n")
    assert caught.value.problems[0].key == "evaluate.business.nps.feedback.types.id"
