from __future__ import annotations

import errno
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from mlpipe.bundle.sealed import opened
from mlpipe.errors import SpecError, StoreError
from mlpipe.registry.names import Reference, reference
from mlpipe.registry.registry import Registered, Registry
from tests.registry.bundles import ACT, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def register(registry: Registry, number: int, alias: str | None = None) -> Registered:
    source = registry.root.parent / f"bundle {number}"
    if not source.exists():
        write(source, number)
    return registry.register(source, {"run": f"churn/{number:04d}-aaaa"}, ACT, alias=alias)


def champion(registry: Registry) -> int:
    return registry.find(Reference("churn", "champion")).number


def promote(registry: Registry, chosen: str) -> Any:
    return registry.promote(Reference("churn", chosen), "champion", ACT)


def test_versions_are_numbered_and_hold_the_bundle(registry: Registry) -> None:
    assert [register(registry, n) for n in (7, 8)] == [
        Registered("churn", 1, is_new=True),
        Registered("churn", 2, is_new=True),
    ]
    one, two = registry.versions("churn")
    assert (one.number, two.number) == (1, 2)
    source = registry.root.parent / "bundle 8"
    assert {f.name: f.read_bytes() for f in two.bundle.iterdir()} == {
        f.name: f.read_bytes() for f in source.iterdir()
    }
    assert two.card == {
        "format": 1, "name": "churn", "version": 2, "run": "churn/0008-aaaa", "who": "ada",
        "when": ACT.when, "bundle": opened(source)["digest"],
    }  # fmt: skip
    assert not (two.path / "version.json").stat().st_mode & 0o222
    assert registry.names() == ["churn"]


def test_the_same_bundle_is_the_same_version(registry: Registry) -> None:
    register(registry, 1)
    register(registry, 2)
    assert register(registry, 1) == Registered("churn", 1, is_new=False)
    assert len(registry.versions("churn")) == 2
    assert len(registry.log("churn")) == 2


def test_registering_again_may_move_an_alias(registry: Registry) -> None:
    register(registry, 1, "challenger")
    register(registry, 2, "challenger")
    register(registry, 1, "challenger")
    assert registry.aliases("churn") == {"challenger": 1}
    assert [(e.what, e.version, e.moved_from) for e in registry.log("churn")] == [
        ("register", 1, None),
        ("register", 2, 1),
        ("alias", 1, 2),
    ]


def test_promote_and_roll_back(registry: Registry) -> None:
    for number in (1, 2, 3):
        register(registry, number, "challenger")
        moved = promote(registry, "challenger")
        assert (moved.version, moved.before) == (number, number - 1 or None)
    assert registry.aliases("churn") == {"challenger": 3, "champion": 3}
    back = [registry.rollback("churn", "champion", ACT) for _ in range(2)]
    assert [(each.version, each.before) for each in back] == [(2, 3), (1, 2)]
    with pytest.raises(SpecError, match="has not pointed at another version before"):
        registry.rollback("churn", "champion", ACT)
    assert champion(registry) == 1
    promote(registry, "3")
    assert registry.rollback("churn", "champion", ACT).version == 1
    assert registry.versions("churn")[0].aliases == ("champion",)


def test_nothing_is_noted_where_nothing_moves(registry: Registry) -> None:
    register(registry, 1)
    assert promote(registry, "1").is_news
    assert not promote(registry, "1").is_news
    assert len(registry.log("churn")) == 2


def test_the_log_says_who_when_what_and_why(registry: Registry) -> None:
    register(registry, 1, "challenger")
    promote(registry, "challenger")
    first, second = registry.log("churn")
    assert (second.who, second.when, second.reason) == (ACT.who, ACT.when, ACT.reason)
    assert (second.what, second.by_way_of, second.alias) == ("promote", "challenger", "champion")
    assert (first.at, second.at, second.before) == (1, 2, first.digest)


def test_a_version_that_was_rolled_back_is_known(registry: Registry) -> None:
    for number in (1, 2):
        register(registry, number)
        promote(registry, str(number))
    assert not registry.was_rolled_back("churn", "champion", 2)
    registry.rollback("churn", "champion", ACT)
    assert registry.was_rolled_back("churn", "champion", 2)
    assert not registry.was_rolled_back("churn", "champion", 1)
    promote(registry, "2")
    assert not registry.was_rolled_back("churn", "champion", 2)


@pytest.mark.parametrize(
    ("wanted", "says", "hint"),
    [
        ("chrn@champion", "no model 'chrn'", "did you mean 'churn'?"),
        ("churn@champio", "no alias 'champio'", "did you mean 'champion'?"),
        ("churn@other", "no alias 'other'", "champion (version 1)"),
        ("churn@9", "no version 9", "versions: 1"),
        ("../x@9", "cannot be a name", "models list"),
    ],
)
def test_what_is_not_there(registry: Registry, wanted: str, says: str, hint: str) -> None:
    register(registry, 1, "champion")
    with pytest.raises(SpecError, match=says) as caught:
        registry.find(reference(wanted))
    assert hint in caught.value.problems[0].hint


@pytest.mark.parametrize("text", ["churn", "@champion", "churn@", "churn@latest", "churn@Up", ""])
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(SpecError):
        reference(text)


def test_a_registry_that_is_not_there_is_empty(registry: Registry) -> None:
    assert registry.names() == []
    with pytest.raises(SpecError, match="no model 'churn'") as caught:
        registry.find(Reference("churn", "champion"))
    assert caught.value.problems[0].hint == "models: none yet"
    with pytest.raises(SpecError, match="no model"):
        registry.rollback("churn", "champion", ACT)
    assert not registry.root.exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.pt").write_text("mine")
    registry = Registry(tmp_path / "models")
    assert registry.names() == []
    with pytest.raises(StoreError, match="no registry of mlpipe") as caught:
        register(registry, 1)
    assert "--registry" in caught.value.problems[0].hint
    assert os.listdir(tmp_path / "models") == ["mine.pt"]


def test_a_newer_registry_is_refused(registry: Registry) -> None:
    register(registry, 1)
    (registry.root / "FORMAT").write_text("mlpipe models 2\n")
    with pytest.raises(StoreError, match="newer mlpipe"):
        Registry(registry.root)


@pytest.mark.parametrize("fault", [errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("begun", [True, False])
def test_a_read_only_folder(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, fault: int, begun: bool
) -> None:
    write(registry.root.parent / "bundle 2", 2)
    if begun:
        register(registry, 1, "champion")
    before = files(registry.root)

    def refuse(path: Any, *_: Any, **__: Any) -> Any:
        named = [str(path)] if not isinstance(path, int) else []
        raise OSError(fault, os.strerror(fault), *named)

    for name in ("mkdir", "rename", "ftruncate"):
        monkeypatch.setattr(os, name, refuse)
    with pytest.raises(StoreError, match=r"read-only|no permission") as caught:
        register(Registry(registry.root), 2)
    assert "--registry" in caught.value.problems[0].hint
    if begun:
        assert champion(Registry(registry.root)) == 1
        with pytest.raises(StoreError):
            register(registry, 1, "other")
    assert files(registry.root) == before


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_reading_writes_nothing(registry: Registry) -> None:
    register(registry, 1, "champion")
    before = [(path, path.stat().st_mtime_ns) for path in sorted(registry.root.rglob("*"))]
    again = Registry(registry.root)
    champion(again)
    again.versions("churn")
    assert [(path, path.stat().st_mtime_ns) for path in sorted(registry.root.rglob("*"))] == before


def test_a_full_disk_leaves_the_old_state(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(registry, 1)
    before = files(registry.root)
    pwrite = os.pwrite

    def half(descriptor: int, data: bytes, offset: int) -> int:
        pwrite(descriptor, data[: len(data) // 2], offset)
        raise OSError(errno.ENOSPC, "No space left on device")

    write(registry.root.parent / "bundle 2", 2)
    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(StoreError, match="the disk is full"):
        register(registry, 2, "champion")
    monkeypatch.undo()
    assert (registry.root / "churn" / "log.jsonl").read_bytes() == before["churn/log.jsonl"]
    assert len(registry.versions("churn")) == 1
    assert register(registry, 2) == Registered("churn", 2, is_new=True)


def test_a_version_without_a_line_is_left_alone(registry: Registry) -> None:
    register(registry, 1)
    (registry.root / "churn" / "log.jsonl").write_text("")
    register(registry, 2)
    (there,) = registry.versions("churn")
    assert there.number == 2
    assert opened(registry.root / "churn" / "1" / "bundle")["number"] == 1


def test_a_line_that_was_not_finished_does_not_count(registry: Registry) -> None:
    register(registry, 1, "champion")
    register(registry, 2)
    path = registry.root / "churn" / "log.jsonl"
    whole = path.read_bytes()
    for cut in (1, 20, 200):
        path.write_bytes(whole[:-cut])
        assert [each.number for each in registry.versions("churn")] == [1]
    register(registry, 2)
    assert [each.number for each in registry.versions("churn")] == [1, 2]
    assert path.read_bytes() == whole


@pytest.mark.parametrize("edit", ["who", "version", "swap", "gone", "first", "noise"])
def test_a_log_that_was_edited_is_refused(registry: Registry, edit: str) -> None:
    for number in (1, 2, 3):
        register(registry, number)
    path = registry.root / "churn" / "log.jsonl"
    lines = path.read_text().splitlines()
    if edit in ("who", "version"):
        lines[1] = json.dumps({**json.loads(lines[1]), edit: 1}, sort_keys=True)
    elif edit == "swap":
        lines[0], lines[1] = lines[1], lines[0]
    elif edit == "noise":
        lines[1] = "[]"
    else:
        del lines[1 if edit == "gone" else 0]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(StoreError, match="of the log was changed") as caught:
        registry.versions("churn")
    assert "log.jsonl:" in caught.value.problems[0].place
    with pytest.raises(StoreError, match="of the log was changed"):
        register(registry, 4)


def test_a_version_that_was_edited_is_refused(registry: Registry) -> None:
    register(registry, 1, "champion")
    home = registry.root / "churn" / "1"
    card = home / "version.json"
    card.chmod(0o644)
    good = card.read_bytes()
    card.write_bytes(good.replace(b"ada", b"eve"))
    with pytest.raises(StoreError, match="not what was registered"):
        registry.find(Reference("churn", "champion"))
    card.write_bytes(good)
    shutil.rmtree(home / "bundle")
    write(home / "bundle", 2)
    with pytest.raises(StoreError, match="not what was registered"):
        registry.find(Reference("churn", "1"))


def test_a_damaged_bundle_is_not_registered(registry: Registry, tmp_path: Path) -> None:
    source = write(tmp_path / "b", 1)
    (source / "plan.json").write_bytes(b"{ }")
    with pytest.raises(StoreError, match="not what the bundle says"):
        registry.register(source, {}, ACT)
    assert registry.names() == []
    assert not [p for p in (registry.root / "churn").iterdir() if p.name != ".lock"]
