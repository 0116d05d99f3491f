import pandas as pd
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.table.columns import Columns

COLUMNS = Columns.read({"key": ["id", "month"], "target": "y"})
ROWS = "id,month,x\n" + "".join(f"k{n},2026-06-01,{n}\n" for n in range(6))


@pytest.fixture
def joined(session, tmp_path):
    def of(labels, *, current=True, columns=COLUMNS, rows=ROWS, **options):
        (tmp_path / "rows.csv").write_text(rows)
        (tmp_path / "labels.csv").write_text(labels)
        labels = {"path": str(tmp_path / "labels.csv"), **options}
        spec = Ingest.read(
            {"path": str(tmp_path / "rows.csv"), "labels": labels, "max_bad_rows": 5}
        )
        made = ingest(spec, columns, {}, session, current=current)
        table = session.pandas(made["table"])
        values = [None if pd.isna(y) else y for y in table["y"]] if "y" in table else None
        return values, made["report"]

    return of


def test_labels_are_joined_by_key_whatever_their_order(joined):
    labels = "y,month,id\nno,2026-06-01,k2\nyes,2026-06-01,k0\n"
    values, report = joined(labels)
    assert values == ["yes", None, "no", None, None, None]
    assert report["labels"] == {
        "labelled": 2, "waiting": 4, "doubled": 0, "contradicting": 0, "unmatched": 0,
    }  # fmt: skip
    assert report["warnings"] == [], "that labels come late is no reason for --strict to fail"


def test_each_kind_of_odd_label_is_counted_once(joined):
    said = [
        ("k0", "yes"), ("k0", "yes"), ("k0", "yes"),  # the same three times
        ("k1", "no"), ("k1", "yes"), ("k1", "no"),  # against one another
        ("k2", ""), ("k2", "no"),  # not known, then known
        ("k9", "no"), ("k9", "no"),  # of no row, twice
    ]  # fmt: skip
    labels = "id,month,y\n" + "".join(f"{key},2026-06-01,{y}\n" for key, y in said)
    values, report = joined(labels)
    assert values == ["yes", None, "no", None, None, None]
    assert report["labels"] == {
        "labelled": 2, "waiting": 4, "doubled": 3, "contradicting": 3, "unmatched": 1,
    }  # fmt: skip


def test_labels_of_training_that_are_there_twice_are_a_fault(joined):
    labels = "id,month,y\nk0,2026-06-01,yes\nk0,2026-06-01,yes\n"
    with pytest.raises(DataError, match="the key is not unique in the labels"):
        joined(labels, current=False)


def test_a_file_of_labels_without_rows_is_no_fault_of_current_data(joined):
    values, report = joined("id,month,y\n")
    assert values is None
    assert "labels" not in report
    assert report["warnings"] == ["there are no labels yet: labels: has a header and no rows"]
    with pytest.raises(DataError, match="has a header and no rows"):
        joined("id,month,y\n", current=False)


def test_labels_that_are_all_unreadable_are_not_said_to_be_late(joined):
    labels = "id,month,y\nk0,2026-06-01,yes\nk1,2026-06-01,no\n"
    with pytest.raises(DataError, match="labels: none of its 2 rows can be read") as error:
        joined(labels, types={"y": "integer"})
    assert "'yes' is not an integer" in str(error.value)


def test_labels_without_the_target_are_refused(joined):
    with pytest.raises(DataError, match="the labels have no column 'y'") as error:
        joined("id,month,z\nk0,2026-06-01,1\n")
    assert "they have: id, month, z" in str(error.value)


def test_labels_without_a_key_are_refused_at_their_place(joined):
    with pytest.raises(SpecError, match="labels need a key") as error:
        joined("id,month,y\nk0,2026-06-01,1\n", columns=Columns.read({"target": "y"}))
    assert error.value.problems[0].key == "monitor.labels"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rows.csv", ROWS),
        ("rows.jsonl", '{"id": "k0", "month": "2026-06-01", "x": 1}\n'),
        ("rows.parquet", None),
    ],
)
def test_a_type_that_is_declared_of_the_target_does_not_ask_for_labels(
    session, tmp_path, file, text
):
    path = tmp_path / file
    if text is None:
        pd.DataFrame({"id": ["k0"], "month": ["2026-06-01"], "x": [1]}).to_parquet(path)
    else:
        path.write_text(text)
    spec = Ingest.read({"path": str(path), "types": {"id": "string", "y": "string"}})
    made = ingest(spec, COLUMNS, {}, session, current=True, labels=False)
    assert "y" not in made["table"].columns
    with pytest.raises(SpecError, match="no column 'y'"):
        ingest(spec, COLUMNS, {}, session)
    typo = Ingest.read({"path": str(path), "types": {"idd": "string", "y": "string"}})
    with pytest.raises(SpecError, match="no column 'idd'"):
        ingest(typo, COLUMNS, {}, session, current=True, labels=False)


def test_a_type_of_a_target_that_has_another_name_in_the_file_does_not_either(session, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    spec = Ingest.read({"path": str(path), "types": {"label": "string"}, "rename": {"label": "y"}})
    made = ingest(spec, COLUMNS, {}, session, current=True, labels=False)
    assert "y" not in made["table"].columns
