"""Cases 98 to 102, and what else a night may bring: current data through the command line."""

import json

import pytest

from mlpipe.bundle.sealed import MANIFEST, as_json, opened, sealed
from mlpipe.spec.dump import flow
from tests.bad_inputs.learning import SPEC, command, rows
from tests.project import mlpipe

COLUMNS = {**SPEC["columns"], "time": "day"}
TYPES = {"id": "string", "day": "date"}
VALIDATE = {
    "columns": {"plan": {"in": ["basic", "plus", "pro"]}, "age": {"type": "integer", "min": 18}},
    "checks": [{"unique": ["id"]}],
}
LABELS = {"labels": {"path": "labels.csv", "types": {"id": "string"}}}
QUALITY = {"quality": {"metric": "accuracy"}}
CALM = {"warn": 8, "alert": 9}
QUIET = {"as_of": "2026-05-01", "minimum_rows": 50, "drift": CALM, "history": False}


def dated(month, count=300):
    """Return rows of one month of 2026, each on a day of it."""
    return [
        {**row, "id": f"{month}{row['id']}", "day": f"2026-{month}-{1 + at % 28:02d}"}
        for at, row in enumerate(rows(count))
    ]


NOW = dated("04")
UNLABELLED = [{k: v for k, v in row.items() if k != "left"} for row in NOW]
TRUTH = [(row["id"], row["left"]) for row in NOW]


def changed(table=None, **values):
    """Set columns of every row: a text, or what a function of the row number gives."""
    table = NOW if table is None else table
    return [
        {**row, **{k: v(i) if callable(v) else v for k, v in values.items()}}
        for i, row in enumerate(table)
    ]


def without(name):
    return [{k: v for k, v in row.items() if k != name} for row in NOW]


def csv(table):
    head = list(table[0])
    return "\n".join([",".join(head), *(",".join(row[n] for n in head) for row in table)]) + "\n"


def labels(pairs, head="id,left"):
    return head + "\n" + "".join(f"{a},{b}\n" for a, b in pairs)


def spec(folder, **monitor):
    ingest = {"path": "data.csv", "types": TYPES, "scope": "plan <> 'none'"}
    of_monitor = {"current": {"path": "now.csv"}, **QUIET, **monitor}
    sections = {"columns": COLUMNS, "ingest": ingest, "validate": VALIDATE, "monitor": of_monitor}
    (folder / "mlpipe.yaml").write_text(flow({**SPEC, **sections}) + "\n")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    (folder / "data.csv").write_text(csv(dated("03")))
    spec(folder)
    code, said = command(folder, "train", "-q")
    assert code == 0, said
    return folder


def night(folder, table, come=None, **monitor):
    """Monitor one night; return the exit code, what is said, and the report where there is one."""
    spec(folder, **monitor)
    (folder / "now.csv").write_text(table if isinstance(table, str) else csv(table))
    if come is not None:
        (folder / "labels.csv").write_text(come)
    code, said = command(folder, "monitor", "--force", "monitor")
    run = (folder / "runs/spoiled/latest").read_text().strip()
    path = folder / f"runs/spoiled/{run}/monitor/report.json"
    return code, said, json.loads(path.read_text()) if path.exists() and code < 2 else {}


NIGHTS = {
    # case: rows, labels, the section, exit code, status, what it says
    "98 an empty window: no row in scope": (
        changed(plan="none"), None, {"checks": False}, 0, "insufficient",
        ("the window is empty", "monitor  insufficient"),
    ),
    "98 an empty window: all rows of the future": (
        changed(day="2027-01-01"), None, {}, 0, "warn",
        ("the window is empty", "day: 300 of 300 rows lie after 2026-05-01"),
    ),
    "100 a column of a single value": (
        changed(age="40"), None, {}, 0, "ok", ("age has a single value in the current data",),
    ),
    "101 late and duplicate labels": (
        UNLABELLED, labels([*TRUTH[:250], *TRUTH[:5], (TRUTH[9][0], "yes"), (TRUTH[9][0], "no"),
                            ("none", "no")]),
        {**LABELS, **QUALITY}, 0, "warn",
        ("warn     labels: 249 of 300 rows have one; 5 are there twice and count once; "
         "3 contradict another of the same key and are left out; 1 belong to no row",),
    ),
    "102 timestamps in the future": (
        changed(day=lambda i: "2026-05-02" if i in (3, 7) else NOW[i]["day"]), None, {}, 0, "warn",
        ("warn     day: 2 of 300 rows lie after 2026-05-01; they are in quarantine and not "
         "judged: now.csv:5 (id = 0400003), now.csv:9 (id = 0400007)",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NIGHTS)
def test_what_can_be_judged_all_the_same_is_said(case, trained):
    table, come, monitor, code, status, words = NIGHTS[case]
    found, said, report = night(trained, table, come, **monitor)
    assert [word for word in words if word not in said] == [], said
    assert (found, report["status"]) == (code, status), said


def test_a_file_that_was_cut_off_is_told(trained):
    bounds = {"checks": {"rows": {"min": 250, "max": 500}}}
    assert night(trained, NOW, None, **bounds)[0] == 0
    code, said, report = night(trained, NOW[:150], None, **bounds)
    assert "alert    the table has 150 rows; expected at least 250 and at most 500" in said
    assert (code, report["measures"]["data.rows"]) == (1, "alert")


def test_how_many_rows_the_source_of_training_has_is_not_asked_of_a_night_and_that_is_said(trained):
    night(trained, NOW)
    checks = "ingest.checks=[{rows: {min: 999}}, {unique: [id]}]"
    done = mlpipe(trained, "monitor", "-S", checks)
    run = (trained / "runs/spoiled/latest").read_text().strip()
    report = json.loads((trained / f"runs/spoiled/{run}/monitor/report.json").read_text())
    assert (done.returncode, report["data"]["failed"]) == (0, 0), done.stderr
    assert [each["check"] for each in report["data"]["left_out"]] == [
        "doctor", "ingest.sources.data.checks[0] (rows)",
    ]  # fmt: skip


def test_99_a_model_without_a_reference_is_refused(trained, tmp_path):
    run = min((trained / "runs/spoiled").glob("0001-*")) / "bundle"
    about = opened(run)
    files = {name: (run / name).read_bytes() for name in about["files"] if name != "profile.json"}
    assert len(files) == len(about["files"]) - 1
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for name, content in files.items():
        (bundle / name).write_bytes(content)
    (bundle / MANIFEST).write_bytes(as_json(sealed(about, files)))
    spec(trained)
    (trained / "now.csv").write_text(csv(NOW))
    code, said = command(trained, "monitor", "--model", str(bundle))
    assert "monitor: the model carries no reference profile" in said
    assert "hint: train the model again: its bundle then holds profile.json" in said
    assert code == 2, said


def test_rows_of_the_future_are_kept_with_their_place_and_never_judged(trained):
    import pyarrow.parquet as pq

    late = changed(
        day=lambda i: "2027-01-01" if i == 3 else NOW[i]["day"],
        plan=lambda i: "unheard" if i == 3 else NOW[i]["plan"],
    )
    code, said, report = night(trained, late)
    assert code == 0, said
    assert (report["rows"], report["data"]["rows"], report["data"]["late"]) == (299, 299, 1)
    assert [each["check"] for each in report["checks"]] == ["future"], "plan was judged too"
    run = (trained / "runs/spoiled/latest").read_text().strip()
    kept = pq.read_table(trained / f"runs/spoiled/{run}/checks/quarantine.parquet").to_pylist()
    assert kept == [
        {
            "source": "current",
            "file": "now.csv",
            "line": 5,
            "column": "day",
            "reason": "lies after 2026-05-01",
            "raw": '{"id":"0400003","day":"2027-01-01"}',
        }
    ]


REFUSED = {
    # rows, labels, the section, exit code, what it says
    "a column that the model needs is missing": (
        without("paid"), None, {}, 3, ("error: current data paid: the column is missing",),
    ),
    "a column of another type": (
        changed(age="old"), None, {}, 3,
        ("error: current data age: expected integer, not string", "hint: declare it"),
    ),
    "a declared column is missing": (
        without("day"), None, {}, 3,
        ("error: current data day: there is no column 'day' in the files",),
    ),
    "an empty file": ("", None, {}, 3, ("now.csv is empty", "expected a header and rows")),
    "a header alone": ("id,age,paid,plan,left,day\n", None, {}, 3, ("has a header and no rows",)),
    "a key twice": (
        [*NOW, *NOW[:3]], None, {}, 3,
        ("error: current data id: the key is not unique", "0400000 (2 rows)"),
    ),
    "labels of another type": (
        UNLABELLED, labels([(key, int(value == "yes")) for key, value in TRUTH]),
        {**LABELS, **QUALITY}, 3,
        ("no label is of a class that the model knows: 0, 1; expected one of no, yes",
         "monitor.labels.types"),
    ),
    "labels without the target": (
        UNLABELLED, labels(TRUTH, "id,gone"), {**LABELS, **QUALITY}, 3,
        ("error: labels left: the labels have no column 'left'", "they have: id, gone"),
    ),
    "labels whose key is of another type": (
        UNLABELLED, labels([(str(at), value) for at, (_, value) in enumerate(TRUTH)]),
        {**QUALITY, "labels": {"path": "labels.csv"}}, 3,
        ("id: is varchar in the table and bigint in the labels", "declare `types:"),
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_judged_is_refused_with_its_place(case, trained):
    table, come, monitor, code, words = REFUSED[case]
    found, said, _ = night(trained, table, come, **monitor)
    assert [word for word in words if word not in said] == [], said
    assert found == code, said


ODD = {
    # rows, labels, the section, status, what it says
    "an extra column": (changed(shoe="1"), None, {}, "ok", ()),
    "the data of training": (dated("03"), None, {}, "ok", ("labels   300 of 300 rows",)),
    "one row": (NOW[:1], None, {}, "insufficient", ("monitor  insufficient",)),
    "labels of no row at all": (
        UNLABELLED, labels([("x1", "yes"), ("x2", "no")]), LABELS, "warn",
        ("warn     labels: 0 of 300 rows have one; 2 belong to no row",),
    ),
    "labels that are null": (
        UNLABELLED, labels([(k, "" if at < 100 else v) for at, (k, v) in enumerate(TRUTH)]),
        {**LABELS, **QUALITY}, "ok", ("labels   200 of 300 rows have one",),
    ),
    "labels in another order of columns": (
        UNLABELLED, labels([(v, k) for k, v in TRUTH], "left,id"), {**LABELS, **QUALITY}, "ok",
        ("labels   300 of 300 rows have one",),
    ),
    "labels that are not there yet": (
        UNLABELLED, "id,left\n", {**LABELS, **QUALITY}, "ok",
        ("there are no labels yet: labels: has a header and no rows",),
    ),
    "labels of an unknown class": (
        UNLABELLED, labels([(k, "maybe" if at < 100 else v) for at, (k, v) in enumerate(TRUTH)]),
        {**LABELS, **QUALITY}, "warn",
        ("100 labels are of no class that the model knows, and left out: maybe",
         "warn     labels: 200 of 300 rows have one"),
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", ODD)
def test_what_is_odd_is_said_and_never_ends_the_night(case, trained):
    table, come, monitor, status, words = ODD[case]
    found, said, report = night(trained, table, come, **monitor)
    assert [word for word in words if word not in said] == [], said
    assert (found, report["status"]) == (0, status), said


def test_each_numbered_case_is_here():
    numbers = {int(case.split()[0]) for case in NIGHTS} | {99}
    assert numbers == set(range(98, 103))


def test_all_failing_rows_are_written_and_late_ones_are_not_among_them(trained):
    import pyarrow.parquet as pq

    young = changed(
        age=lambda i: "17" if i in (3, 4, 9) else NOW[i]["age"],
        day=lambda i: "2027-01-01" if i == 4 else NOW[i]["day"],
    )
    spec(trained)
    (trained / "now.csv").write_text(csv(young))
    code, said = command(trained, "monitor", "--rows", "failing")
    assert code == 1, said
    assert "rows     2 in failing/" in said
    (path,) = (trained / "failing").glob("*age-min.parquet")
    rows = pq.read_table(path).to_pylist()
    assert [(row["_row"], row["line"], row["age"]) for row in rows] == [(3, 5, 17), (9, 11, 17)]
