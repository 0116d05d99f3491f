"""mlpipe data diff: real files, runs and artifacts, and what each bad input gets."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from tests.project import SPEC, mlpipe, write_project

OLD = "id,x,plan,day\n1,1.5,basic,2026-01-01\n2,2.0,plus,2026-01-02\n3,,pro,2026-01-03\n"
NEW = "id,x,plan,new\n1,1.5,basic,1\n2,3.25,plus,2\n4,1.0,pro,3\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two runs over files that differ, in a folder with a space in its path."""
    folder = write_project(tmp_path_factory.mktemp("two runs"))
    assert mlpipe(folder, "ingest").returncode == 0
    lines = (folder / "data.csv").read_text().splitlines()
    shutil.copy(folder / "data.csv", folder / "first.csv")
    cells = lines[11].split(",")
    lines[11] = ",".join([cells[0], "99", cells[2], "x", cells[4]])
    (folder / "data.csv").write_text("\n".join([*lines[:-1], "90000,30,basic,m,no"]) + "\n")
    assert mlpipe(folder, "ingest").returncode == 0
    (folder / "old one.csv").write_text(OLD)
    (folder / "new one.csv").write_text(NEW)
    return folder


def diff(folder, *arguments):
    return mlpipe(folder, "data", "diff", *arguments)


def document(folder, *arguments):
    done = diff(folder, *arguments, "--json")
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def test_two_files_are_told_in_words(project):
    done = diff(project, "old one.csv", "new one.csv", "--key", "id")
    assert done.returncode == 1
    assert done.stderr == ""
    for line in (
        "A        old one.csv  3 rows",
        "key      id",
        "  + column new integer",
        "  - column day date",
        "rows     1 added, 1 removed, 1 changed, 1 the same",
        "  + id=4",
        "  - id=3",
        "  ~ id=2: x 2.0 → 3.25",
        "verdict  they differ",
    ):
        assert line in done.stdout.splitlines()
    assert diff(project, "old one.csv", "new one.csv", "--key", "id", "--exit-zero").returncode == 0


def test_equal_files_exit_with_zero(project):
    done = diff(project, "old one.csv", "./old one.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "verdict  equal" in done.stdout


def test_a_csv_equals_the_parquet_made_of_it(project):
    frame = pd.read_csv(project / "first.csv", dtype={"id": str})
    frame.sample(frac=1, random_state=1).to_parquet(project / "first.parquet", index=False)
    assert document(project, "first.csv", "first.parquet", "--key", "id")["equal"]


def test_runs_bring_their_key_and_their_sensitive_columns(project):
    found = document(project, "small/0001", "small")
    assert found["key"] == ["id"]
    assert found["a"]["name"].startswith("small/0001-")
    assert found["b"]["name"].startswith("small/0002-")
    rows = found["rows"]
    assert (rows["added"], rows["removed"], rows["changed"], rows["same"]) == (1, 1, 1, 398)
    assert rows["examples"]["added"] == [{"key": {"id": "90000"}}]
    cells = {cell["column"]: cell for cell in rows["examples"]["changed"][0]["cells"]}
    assert cells["age"]["b"] == "99"
    assert cells["gender"] == {"column": "gender", "a": "(redacted)", "b": "(redacted)"}
    gender = next(each for each in found["columns"] if each["column"] == "gender")
    assert gender["shift"]["new"] == 1
    assert gender["shift"]["new_values"] == []


@pytest.mark.parametrize("what", ["folder", "link", "artifact", "table", "file"])
def test_every_way_to_name_the_table_of_a_run(project, what):
    run = next((project / "runs" / "small").glob("0001-*"))
    artifact = (run / "ingest").resolve()
    names = {
        "folder": str(run),
        "link": str(run / "ingest"),
        "artifact": str(artifact),
        "table": str(artifact / "table.parquet"),
        "file": "first.csv",
    }
    found = document(project, "small/0001", names[what], "--ignore", "id", "--no-key")
    assert found["equal"] == (what != "file") or not found["schema"]["retyped"]
    assert found["rows"]["same"] == 400


def test_a_copy_of_our_table_is_read_as_ours(project, tmp_path):
    run = next((project / "runs" / "small").glob("0001-*"))
    shutil.copy(run / "ingest" / "table.parquet", tmp_path / "copy.parquet")
    found = document(project, "small/0001", str(tmp_path / "copy.parquet"))
    assert found["equal"]
    assert found["key"] == ["id"]


def test_a_damaged_table_is_not_compared(project, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(project, folder, symlinks=True)
    table = next((folder / "runs" / "small").glob("0001-*")) / "ingest" / "table.parquet"
    table = table.resolve()
    table.chmod(0o644)
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(data)
    done = diff(folder, "small/0001", "small/0002")
    assert done.returncode == 4
    assert "the table of the run small/0001-" in done.stderr


def test_rows_and_markdown_go_to_files(project):
    done = diff(
        project, "old one.csv", "new one.csv", "--key", "id", "--rows", "the rows.parquet",
        "--markdown", "the page.md",
    )  # fmt: skip
    assert done.returncode == 1
    rows = pd.read_parquet(project / "the rows.parquet")
    assert rows.astype(object).where(rows.notna(), None).to_dict("list") == {
        "key_id": [2, 3, 4],
        "change": ["changed", "removed", "added"],
        "column": ["x", None, None],
        "a": ["2.0", None, None],
        "b": ["3.25", None, None],
    }
    page = (project / "the page.md").read_text()
    assert page.startswith("## Data diff: they differ\n")
    assert "| changed: id=2 | x | 2.0 | 3.25 |" in page
    assert not list(project.glob(".the rows*"))


HOSTILE = "\x1b[31mred\x07|<script>`x`\u202e"


def test_hostile_names_and_values_reach_no_terminal_and_no_page(tmp_path):
    name = "=cmd|'\"<b>"
    frame = pd.DataFrame({"id": [1, 2], name: ["a", "b"]})
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    frame.assign(**{name: ["a", HOSTILE]}).to_parquet(tmp_path / "b.parquet", index=False)
    done = diff(tmp_path, "a.parquet", "b.parquet", "--key", "id", "--markdown", "page.md")
    assert done.returncode == 1, done.stderr
    assert "\\x1b[31mred\\x07|<script>" in done.stdout
    page = (tmp_path / "page.md").read_text()
    for text in (done.stdout, page):
        assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]
    assert "<" not in page
    cells = next(line for line in page.splitlines() if "changed: id=2" in line)
    assert len([at for at, c in enumerate(cells) if c == "|" and cells[at - 1] != "\\"]) == 5
    told = document(tmp_path, "a.parquet", "b.parquet", "--key", "id")["rows"]["examples"]
    cells = [{"column": name, "a": "b", "b": HOSTILE}]
    assert told["changed"] == [{"key": {"id": 2}, "cells": cells}]


TERMINAL = """
import pty, sys
pty.spawn([sys.executable, "-m", "mlpipe", "data", "diff", "a.parquet", "b.parquet"])
"""


def test_not_even_to_a_terminal_that_has_colours(tmp_path):
    pd.DataFrame({"v": ["a"]}).to_parquet(tmp_path / "a.parquet", index=False)
    pd.DataFrame({"v": [HOSTILE]}).to_parquet(tmp_path / "b.parquet", index=False)
    done = subprocess.run(
        [sys.executable, "-c", TERMINAL], cwd=tmp_path, capture_output=True, check=True
    )
    assert b"red" in done.stdout
    assert b"\x1b" not in done.stdout
    assert b"\x07" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["old one.csv", "nothing.csv"], 2, "there is no file or run 'nothing.csv'"),
        (["old one.csv", "runs"], 2, "there is no file or run 'runs'\n  hint: it is a folder"),
        (["old one.csv", "small/0009"], 2, "there is no file or run 'small/0009'"),
        (["old one.csv", "new one.csv", "--key", "day"], 2, "new one.csv has no column 'day'"),
        (["old one.csv", "new one.csv", "--ignore", "plam"], 2, "did you mean 'plan'?"),
        (["old one.csv", "new one.csv", "--key", "id", "--ignore", "id"], 2, "cannot be ignored"),
        (["old one.csv", "new one.csv", "--tolerance", "0.1"], 2, "--tolerance: needs a key"),
        (["old one.csv", "new one.csv", "--rows", "x.csv"], 2, "a name that ends in .parquet"),
        (["old one.csv", "new one.csv", "--rows", "no/x.parquet"], 2, "there is no such folder"),
        (["old one.csv", "new one.csv", "--markdown", "old one.csv"], 2, "one of the two data"),
        (["small/0001", "new one.csv"], 2, None),
        (["old one.csv"], 2, "Missing argument"),
        (["twice.csv", "old one.csv", "--key", "id"], 3, "such as 1 (2 rows)"),
        (["bent.csv", "old one.csv"], 3, "bent.csv"),
        (["empty.csv", "old one.csv"], 3, "empty.csv is empty"),
        (["cut.parquet", "old one.csv"], 3, "cut.parquet"),
    ],
)
def test_what_each_bad_input_gets(project, arguments, code, text):
    (project / "twice.csv").write_text("id,x\n1,2\n1,3\n")
    (project / "bent.csv").write_text("id,x\n1,2\n1\n")
    (project / "empty.csv").write_text("")
    (project / "cut.parquet").write_bytes(b"PAR1 and no more")
    before = (project / "old one.csv").read_bytes()
    done = diff(project, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if text is not None:
        assert text in done.stderr
    assert (project / "old one.csv").read_bytes() == before


def test_two_runs_with_different_keys_ask_for_one(tmp_path):
    write_project(tmp_path)
    assert mlpipe(tmp_path, "ingest").returncode == 0
    (tmp_path / "mlpipe.yaml").write_text(SPEC.replace("key: id", "key: [id, plan]"))
    assert mlpipe(tmp_path, "ingest").returncode == 0
    done = diff(tmp_path, "small/0001", "small/0002")
    assert done.returncode == 2
    assert "declare different keys: id and id, plan\n  hint: name the key with --key" in done.stderr
    assert document(tmp_path, "small/0001", "small/0002", "--key", "id,plan")["equal"]
    assert document(tmp_path, "small/0001", "small/0002", "--no-key")["equal"]


def test_a_diff_leaves_the_run_directory_alone(project):
    before = sorted(str(path) for path in (project / "runs").rglob("*"))
    diff(project, "small/0001", "small/0002")
    after = sorted(str(path) for path in (project / "runs").rglob("*"))
    assert [path for path in after if path not in before] in ([], [str(project / "runs/stat.json")])
