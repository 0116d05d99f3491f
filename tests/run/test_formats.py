import errno
import json
import subprocess

import pytest

from mlpipe.errors import MlpipeError, SpecError, StoreError
from mlpipe.run.formats import read_json, write
from mlpipe.run.store import Store


@pytest.fixture
def session(tmp_path):
    from mlpipe.table.session import Session

    (tmp_path / "scratch").mkdir()
    with Session(tmp_path / "scratch") as session:
        yield session


def table(session, rows=3):
    import numpy as np
    import pandas as pd

    noise = np.random.default_rng(0).random(rows)  # what does not compress
    return session.frame(pd.DataFrame({"_row": range(rows), "x": noise}))


def test_the_type_of_an_output_decides_its_format(tmp_path, session):
    import pandas as pd

    outputs = {
        "table": table(session),
        "report": {"b": 1, "a": ["ü", None]},
        "names": ["x"],
        "model.skops": b"\x00\r\n",
        "note.txt": "a\r\nb\n",
    }
    folder = tmp_path / "out"
    folder.mkdir()
    write(outputs, folder, session)
    assert sorted(p.name for p in folder.iterdir()) == [
        "model.skops",
        "names.json",
        "note.txt",
        "report.json",
        "table.parquet",
    ]
    assert list(pd.read_parquet(folder / "table.parquet")["_row"]) == [0, 1, 2]
    text = (folder / "report.json").read_text(encoding="utf-8")
    assert text == '{\n  "a": [\n    "ü",\n    null\n  ],\n  "b": 1\n}\n'
    assert (folder / "model.skops").read_bytes() == b"\x00\r\n"
    assert (folder / "note.txt").read_bytes() == b"a\r\nb\n"


def test_a_json_output_reads_back_from_its_artifact(tmp_path):
    store = Store(tmp_path / "runs")

    def fill(folder):
        write({"report": {"rows": 3}}, folder, None)
        return {}

    assert read_json(store.put("ingest", "ab", {}, fill), "report") == {"rows": 3}


@pytest.mark.parametrize("value", [{"x": float("nan")}, [float("inf")], {"x": {1, 2}}, {"x": b""}])
def test_what_json_cannot_say_is_a_bug_that_names_the_output(tmp_path, value):
    with pytest.raises(MlpipeError, match="output report") as caught:
        write({"report": value}, tmp_path, None)
    assert caught.value.exit_code == 70
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden"])
def test_an_output_stays_in_its_folder(tmp_path, name):
    with pytest.raises(SpecError):
        write({name: "text"}, tmp_path, None)


@pytest.mark.parametrize("kind", ["table", "json", "bytes"])
def test_a_full_disk_is_said_in_plain_words(tmp_path, session, kind):
    root = tmp_path / "runs"
    root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", root]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        store = Store(root)
        value = {"table": table(session, 90_000), "json": ["x" * 10**6], "bytes": b"x" * 10**6}

        def fill(folder):
            write({"out": value[kind]}, folder, session)
            return {}

        with pytest.raises(StoreError, match="the disk is full"):
            store.put("ingest", "ab", {}, fill)
        assert store.find("ingest", "ab") is None
        store.put("ingest", "small", {}, lambda folder: {})
    finally:
        subprocess.run(["umount", root], check=True)


def test_the_fault_of_a_full_disk_keeps_its_number(tmp_path):
    import duckdb

    class Full:
        def write(self, table, path):
            raise duckdb.IOException('Could not write file "x": No space left on device')

    with pytest.raises(OSError, match="No space left") as caught:
        write({"table": object()}, tmp_path, Full())
    assert caught.value.errno == errno.ENOSPC
    assert json.dumps(caught.value.filename) == json.dumps(str(tmp_path / "table.parquet"))
