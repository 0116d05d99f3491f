"""Whatever is done to a bundle, it is refused with the reason, and none of it runs."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import joblib
import pytest

from mlpipe.bundle import trusted
from mlpipe.bundle.bundle import Bundle
from mlpipe.bundle.copying import copy_out
from mlpipe.errors import StoreError
from tests.bundle.test_bundle import made, reseal
from tests.train.samples import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = ("model.skops", "plan.json", "ingest.json", "profile.json", "schema.json", "bundle.json")


class Bomb:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> Any:
        return os.mkdir, (self.mark,)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mlpipe.table.session import Session

    with Session(tmp_path_factory.mktemp("scratch")) as session:
        return made(session, tmp_path_factory.mktemp("bundles") / "one")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "b")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def elsewhere(path: Path) -> None:
    """The very same content, but through a link out of the folder."""
    outside = path.parent.parent / "outside"
    path.rename(outside)
    path.symlink_to(outside)


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


EDITS = [flip, truncate, append, elsewhere, folder_instead, fifo, os.unlink]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", FILES)
def test_each_edit_of_each_file(folder: Path, name: str, edit: Callable[[Path], None]) -> None:
    if (name, edit) == ("bundle.json", append):
        pytest.skip("white space behind a document says nothing else")
    edit(folder / name)
    with pytest.raises(StoreError) as caught:
        Bundle.load(folder)
    (problem,) = caught.value.problems
    assert name in f"{problem.place} {problem.message}" or "no bundle here" in problem.message


@pytest.mark.parametrize(
    ("key", "value"),
    [("decision", {"threshold": 0.01}), ("classes", ["yes", "no"]), ("inputs", []), ("name", "x")],
)
def test_each_value_of_the_manifest_is_covered(folder: Path, key: str, value: Any) -> None:
    about = json.loads((folder / "bundle.json").read_bytes())
    (folder / "bundle.json").write_text(json.dumps({**about, key: value}))
    with pytest.raises(StoreError, match="does not match its own digest"):
        Bundle.load(folder)


def test_the_original_is_fine(folder: Path) -> None:
    """The negative control."""
    assert len(Bundle.load(folder).predict(rows(3))) == 3


@pytest.mark.parametrize("name", ["../b/model.skops", "/etc/passwd", "..", "a\\b", "a/b", ""])
def test_names_that_lead_out_of_the_folder(folder: Path, name: str) -> None:
    def rename(about: dict[str, Any]) -> None:
        about["files"] = {"model.skops": 0, "plan.json": 0, "ingest.json": 0}

    reseal(folder, rename)
    about = json.loads((folder / "bundle.json").read_bytes())
    about["files"][name] = about["files"]["plan.json"]
    resealed(folder, about)
    with pytest.raises(StoreError, match="is not the name of a file in the bundle"):
        Bundle.load(folder)


def resealed(folder: Path, about: dict[str, Any]) -> None:
    """Write a manifest whose digest fits, whatever it says."""
    from mlpipe.bundle.sealed import _digest

    body = {key: value for key, value in about.items() if key != "digest"}
    (folder / "bundle.json").write_text(json.dumps({**body, "digest": _digest(body)}))


@pytest.mark.parametrize("key", ["name", "classes", "inputs", "libraries", "decision"])
def test_a_manifest_without_what_is_read(folder: Path, key: str) -> None:
    about = json.loads((folder / "bundle.json").read_bytes())
    resealed(folder, {**about, key: 7})
    with pytest.raises(StoreError, match=f"does not say what its {key} is"):
        Bundle.load(folder)


def test_a_manifest_that_leaves_a_file_out(folder: Path) -> None:
    reseal(folder, lambda about: about["files"].pop("plan.json"))
    with pytest.raises(StoreError, match=r"names no plan\.json"):
        Bundle.load(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, "null", "[]", '{"format": "x"}', "\udcff"])
def test_a_manifest_that_is_none(folder: Path, text: str) -> None:
    (folder / "bundle.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError, match="damaged"):
        Bundle.load(folder)


@pytest.mark.parametrize("text", ["[]", "7", "{}", "[" * 100_000])
def test_a_plan_that_is_none(folder: Path, text: str) -> None:
    (folder / "plan.json").write_text(text)
    reseal(folder, lambda about: None)
    with pytest.raises(StoreError, match="how features are made"):
        Bundle.load(folder)


@pytest.mark.parametrize("write", [pickle.dumps, "joblib", "skops"])
def test_a_foreign_model_with_fitting_digests(folder: Path, tmp_path: Path, write: Any) -> None:
    """Somebody who rewrites every digest still runs nothing."""
    mark = tmp_path / "ran"
    if write == "skops":
        import skops.io

        data = skops.io.dumps(Foreign())
    elif write == "joblib":
        buffer = io.BytesIO()
        joblib.dump(Bomb(mark), buffer)
        data = buffer.getvalue()
    else:
        data = write(Bomb(mark))
    (folder / "model.skops").write_bytes(data)
    reseal(folder, lambda about: None)
    with pytest.raises(StoreError) as caught:
        Bundle.load(folder, allow_code=True)
    said = caught.value.problems[0].message
    assert "not trusted" in said if write == "skops" else "cannot be read" in said
    assert not mark.exists()


class Foreign:
    """A type of somebody else's."""


def test_a_joblib_file_slipped_in_is_not_opened(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    joblib.dump(Bomb(mark), folder / "model.joblib")
    Bundle.load(folder)  # not named by the manifest, so not looked at
    reseal(folder, lambda about: about["files"].update({"model.joblib": 0}))
    with pytest.raises(StoreError, match="runs code of its author"):
        Bundle.load(folder, allow_code=True)
    assert not mark.exists()


def bomb(size: int, method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.writestr("schema.json", b"[" * size)
    return buffer.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_bomb(folder: Path, method: int) -> None:
    (folder / "model.skops").write_bytes(bomb(10_000_000, method))
    assert (folder / "model.skops").stat().st_size < 20_000
    reseal(folder, lambda about: None)
    with pytest.raises(StoreError, match="unpacks to more"):
        Bundle.load(folder)


def test_a_zip_whose_members_overlap() -> None:
    """Two entries of the directory for the same bytes of the file."""
    data = bomb(5000, zipfile.ZIP_STORED)
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    tail = bytearray(data[end:])
    tail[8:10] = tail[10:12] = (2).to_bytes(2, "little")
    tail[12:16] = (2 * len(entry)).to_bytes(4, "little")
    doubled = data[:start] + entry + entry.replace(b"schema.json", b"another.npy") + bytes(tail)
    with pytest.raises(StoreError, match="unpacks to more"):
        trusted.loads(doubled)


def test_a_schema_that_is_too_deep() -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        trusted.loads(bomb(100_000, zipfile.ZIP_STORED))


def test_an_array_that_claims_more_than_there_is(folder: Path) -> None:
    data = (folder / "model.skops").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(buffer, "w") as other:
        for name in file.namelist():
            content = file.read(name)
            if name.endswith(".npy"):
                header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999,)}"
                head = content[:8] + (118).to_bytes(2, "little")
                content = head + header.ljust(117) + b"\n" + content[128:]
            other.writestr(name, content)
    with pytest.raises(StoreError, match="cannot be read"):
        trusted.loads(buffer.getvalue())


def test_a_copy_is_the_same(original: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for target in (tmp_path / "new" / "copy", tmp_path / "there"):
        about = copy_out(original, target)
        assert about["digest"] == Bundle.load(original).digest == Bundle.load(target).digest
        assert {f.name: f.read_bytes() for f in target.iterdir()} == {
            f.name: f.read_bytes() for f in original.iterdir()
        }
        assert not (target / "bundle.json").stat().st_mode & 0o222
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "there"]


def test_a_copy_takes_no_place_of_others(original: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for target in (folder, tmp_path / "file", tmp_path / "link"):
        with pytest.raises(StoreError, match="is there already"):
            copy_out(original, target)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_damaged_bundle_is_not_copied(folder: Path, tmp_path: Path) -> None:
    flip(folder / "model.skops")
    with pytest.raises(StoreError, match="not what the bundle says"):
        copy_out(folder, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_joblib_needs_consent(original: Path, tmp_path: Path) -> None:
    about = copy_out(original, tmp_path / "j", joblib=True)
    assert about["serialization"] == "joblib"
    assert {"model.skops", "model.joblib"} <= about["files"].keys()
    with pytest.raises(StoreError, match="runs code of its author") as caught:
        Bundle.load(tmp_path / "j")
    assert "--allow-pickle" in caught.value.problems[0].hint
    opened = Bundle.load(tmp_path / "j", allow_pickle=True)
    frame = rows(30, seed=4)
    expected = Bundle.load(original).predict(frame)
    assert opened.predict(frame)["score"].tolist() == expected["score"].tolist()
    assert set(joblib.load(tmp_path / "j" / "model.joblib")) == {
        "task", "classes", "pipeline", "curves",
    }  # fmt: skip


def test_a_joblib_file_that_holds_no_model(original: Path, tmp_path: Path) -> None:
    copy = tmp_path / "j"
    copy_out(original, copy, joblib=True)
    for data in (b"no pickle", pickle.dumps({"a": 1})):
        (copy / "model.joblib").chmod(0o600)
        (copy / "bundle.json").chmod(0o600)
        (copy / "model.joblib").write_bytes(data)
        reseal(copy, lambda about: None)
        with pytest.raises(StoreError, match=r"cannot be read|no model of ours"):
            Bundle.load(copy, allow_pickle=True)


def test_the_schema_says_what_a_record_is(original: Path) -> None:
    bundle = Bundle.load(original)
    assert bundle.schema == json.loads((original / "schema.json").read_bytes())
    assert bundle.schema["required"] == ["age", "plan", "paid"]
    assert bundle.schema["properties"]["fee"] == {"type": ["number", "null"]}
    assert bundle.schema["properties"]["age"] == {"type": "integer"}


def test_a_record_of_the_schema_is_answered(original: Path) -> None:
    import pandas as pd

    bundle = Bundle.load(original)
    full = {"age": 30, "fee": None, "plan": "pro", "paid": True}
    least = {key: value for key, value in full.items() if key in bundle.schema["required"]}
    scores = [bundle.predict(pd.DataFrame([record]))["score"][0] for record in (full, least)]
    assert scores[0] == scores[1]
