"""Files, profiles and options become one spec, and each value knows where it came from."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlpipe.errors import SpecError
from mlpipe.spec.resolve import Resolved, resolve
from tests.spec.sample import resolved

Tell = Callable[..., str]


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def told(tmp_path: Path) -> Tell:
    """What is said when a file of the folder cannot be resolved."""

    def tell(file: str = "a.yaml", **options: object) -> str:
        with pytest.raises(SpecError) as caught:
            resolve(file, **{"environ": {}, "directory": tmp_path, **options})
        return str(caught.value)

    return tell


def read(folder: Path, file: str = "a.yaml", **options: object) -> Resolved:
    return resolve(file, **{"environ": {}, "directory": folder, **options})


def test_extends_then_profile_then_options(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="extends: base.yaml\nseed: 2\ntrain: {folds: 2}\nprofiles:\n  ci:\n    seed: 3\n",
        base="seed: 1\nname: base\ntrain: {select: f1, folds: 9}\n",
    )
    assert read(tmp_path).values == {
        "seed": 2,
        "name": "base",
        "train": {"select": "f1", "folds": 2},
    }
    found = read(tmp_path, profile="ci", overrides=["train.folds=4", "train.folds=5"])
    assert found.values == {"seed": 3, "name": "base", "train": {"select": "f1", "folds": 5}}
    assert {".".join(path): str(mark) for path, mark in found.origins.items() if path} == {
        "seed": "profile ci (a.yaml:6:11)",
        "name": "base.yaml:2:7",
        "train": "a.yaml:3:8",
        "train.select": "base.yaml:3:17",
        "train.folds": "-S train.folds=5",
    }
    assert found.files == (tmp_path / "a.yaml", tmp_path / "base.yaml")


def test_extends_is_relative_to_its_file_and_later_ones_win(tmp_path: Path) -> None:
    write(
        tmp_path,
        configs__a="extends: [../shared/one.yaml, ../shared/two.yaml]\n",
        shared__one="extends: [deep.yaml]\nx: one\ny: one\n",
        shared__two="x: two\n",
        shared__deep="z: deep\nx: deep\n",
    )
    found = read(tmp_path, "configs/a.yaml")
    assert found.values == {"z": "deep", "x": "two", "y": "one"}
    assert [str(path.relative_to(tmp_path)) for path in found.files] == [
        "configs/a.yaml",
        "shared/one.yaml",
        "shared/deep.yaml",
        "shared/two.yaml",
    ]
    assert str(found.origins["z",]) == "shared/deep.yaml:1:4"


def test_a_diamond_is_read_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="extends: [b.yaml, c.yaml]\n",
        b="extends: d.yaml\nb: 1\n",
        c="extends: d.yaml\nc: 1\n",
        d="d: 1\n",
    )
    found = read(tmp_path)
    assert found.values == {"d": 1, "b": 1, "c": 1}
    assert [path.name for path in found.files] == ["a.yaml", "b.yaml", "d.yaml", "c.yaml"]


def test_profiles_of_a_base_are_merged_with_those_of_the_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="extends: b.yaml\nprofiles: {ci: {x: {q: 2}}}\nx: {p: 0}\n",
        b="profiles: {ci: {x: {p: 1}}, prod: {}, empty: }\n",
    )
    assert read(tmp_path, profile="ci").values == {"x": {"p": 1, "q": 2}}
    assert read(tmp_path, profile="prod").values == {"x": {"p": 0}}
    assert read(tmp_path, profile="empty").values == {"x": {"p": 0}}


def test_a_circle_is_refused_with_its_files(tmp_path: Path, told: Tell) -> None:
    write(tmp_path, a="extends: b.yaml\n", b="extends: [c.yaml]\n", c="extends: ./b.yaml\n")
    assert told() == (
        "c.yaml:1:10 extends: the files extend each other in a circle: b.yaml → c.yaml → b.yaml"
    )
    write(tmp_path, a="extends: a.yaml\n")
    assert told().startswith("a.yaml:1:10 extends: the files extend each other in a circle: a.yaml")


def test_a_missing_base_is_told_with_the_path_that_was_tried(tmp_path: Path, told: Tell) -> None:
    write(tmp_path, configs__a="x: 1\nextends: [base.yaml]\n", base="y: 1\n")
    assert told("configs/a.yaml") == (
        f"configs/a.yaml:2:11 extends: there is no file {tmp_path}/configs/base.yaml\n"
        "  hint: extends is relative to the file that says it; "
        "base.yaml does exist in the working directory"
    )


@pytest.mark.parametrize("written", ["3", "[a.yaml, 3]", "{a: b}", "", "['']"])
def test_extends_takes_files_only(tmp_path: Path, told: Tell, written: str) -> None:
    write(tmp_path, b=f"extends: {written}\n", a="x: 1\n")
    assert "extends: expected a file, or a list of up to 32 files" in told("b.yaml")


def test_a_chain_of_too_many_files_is_refused(tmp_path: Path, told: Tell) -> None:
    write(tmp_path, **{f"f{n}": f"extends: f{n + 1}.yaml\n" for n in range(40)}, f40="x: 1\n")
    assert told("f0.yaml") == "f32.yaml: more than 32 files make one spec"


def test_22_a_missing_spec_is_told_with_the_path_that_was_tried(tmp_path: Path, told: Tell) -> None:
    assert told("churn.yaml") == (
        f"churn.yaml: there is no file {tmp_path}/churn.yaml\n"
        "  hint: mlpipe init DATA --target COLUMN writes one"
    )
    write(tmp_path, configs__churn="x: 1\n")
    for near in ("churn.yaml", "churn", "configs/churn.yml", "churn.yml"):
        assert told(near).endswith("hint: there is configs/churn.yaml")


def test_29_a_directory_a_pipe_and_a_dead_link_are_no_spec(tmp_path: Path, told: Tell) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dead").symlink_to("nowhere")
    assert told("folder") == "folder: expected a YAML file; this is a directory"
    assert told("pipe") == "pipe: expected a YAML file; this is not a regular file"
    assert told("dead") == "dead: cannot be read: No such file or directory"
    assert "Too many levels of symbolic links" in told("loop")
    assert "cannot be read: File name too long" in told("x" * 300)
    assert "there is no file" in told("a\0b")


def test_23_spaces_unicode_and_a_leading_dash_in_paths(tmp_path: Path) -> None:
    name = "-a b ü.yaml"
    (tmp_path / name).write_text("x: 1\n", encoding="utf-8")
    assert str(read(tmp_path, name).origins["x",]) == f"{name}:1:4"


def test_an_unknown_profile_names_those_that_exist(tmp_path: Path, told: Tell) -> None:
    write(tmp_path, a="profiles: {ci: {}, prod: {}}\n", b="x: 1\n")
    assert told(profile="prd") == (
        "--profile prd: there is no profile 'prd'\n  hint: did you mean 'prod'?"
    )
    assert told(profile="zzz").endswith("hint: there are: ci, prod")
    assert told("b.yaml", profile="ci").endswith("hint: the spec has no profiles")


def test_profiles_are_checked_also_where_none_is_chosen(tmp_path: Path, told: Tell) -> None:
    write(tmp_path, a="profiles:\n  ci: 3\n  x: {extends: b.yaml}\n", b="profiles: [a]\n")
    assert told() == (
        "a.yaml:2:7 profiles.ci: expected a mapping of sections\n"
        "a.yaml:3:7 profiles.x.extends: a profile cannot hold extends"
    )
    assert told("b.yaml").startswith("b.yaml:1:11 profiles: expected a mapping")


def test_a_place_is_that_of_the_nearest_mapping_around_it(tmp_path: Path) -> None:
    found = resolved(tmp_path, "train:\n  folds: 3\n")
    assert found.place(("train", "folds")) == "spec.yaml:2:10"
    assert found.place(("train", "folds"), key=True) == "spec.yaml:2:3"
    assert found.place(("train", "models", "x")) == "spec.yaml:1:1"
    assert found.place(("nowhere",)) == "spec.yaml:1:1"
