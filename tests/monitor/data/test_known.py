import pandas as pd
import pytest

from mlpipe.errors import DataError
from mlpipe.monitor.data.known import known

CAME = {"labelled": 9, "waiting": 9, "doubled": 2, "contradicting": 1, "unmatched": 3}


def of(session, values, classes, labels=CAME):
    rows = session.frame(pd.DataFrame({"_row": range(len(values)), "y": values}))
    table, counts, said = known(rows, "y", classes, session, labels)
    kept = session.pandas(table.order_by("_row"))["y"]
    return [None if pd.isna(value) else value for value in kept], counts, said


def test_labels_of_known_classes_stay_and_are_counted_anew(session):
    kept, counts, said = of(session, ["no", None, "yes"], ["no", "yes"])
    assert kept == ["no", None, "yes"]
    assert counts == {**CAME, "labelled": 2, "waiting": 1, "unknown": 0}
    assert said == []


def test_an_unknown_class_is_no_label(session):
    kept, counts, said = of(session, ["no", "maybe", "perhaps", None], ["no", "yes"])
    assert kept == ["no", None, None, None]
    assert (counts["labelled"], counts["waiting"], counts["unknown"]) == (1, 1, 2)
    assert said == ["2 labels are of no class that the model knows, and left out: maybe, perhaps"]


@pytest.mark.parametrize(
    ("values", "classes", "words"),
    [
        (["0", "1"], [0, 1], "no label is of a class that the model knows: 0, 1; expected one of"),
        ([0, 1], ["no", "yes"], "expected one of no, yes"),
        ([True, False], [0, 1], "expected one of 0, 1"),
        (["2.5", "3"], [], "the labels are of type string: 2.5, 3; expected numbers"),
    ],
)
def test_labels_that_mean_nothing_at_all_are_refused(session, values, classes, words):
    with pytest.raises(DataError, match="labels y: ") as error:
        of(session, values, classes)
    assert words in str(error.value)
    assert "monitor.labels.types" in str(error.value)


def test_numbers_and_rows_without_labels_pass(session):
    assert of(session, [1.5, None], [])[1]["labelled"] == 1
    assert of(session, ["a"], ["a"], labels=None)[1] is None
    empty = session.frame(pd.DataFrame({"_row": [0], "y": ["no"]})).limit(0)
    assert known(empty, "y", ["no"], session, CAME)[1]["labelled"] == 0
