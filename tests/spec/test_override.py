"""Case 24: -S, good and bad."""

from pathlib import Path

import pytest

from mlpipe.errors import SpecError
from tests.spec.sample import resolved

SPEC = """\
seed: 7
columns: {target: {name: y}, weight: w}
train: {models: {boosted: {max_iter: 100}}}
evaluate: {gates: [{metric: f1, min: 0.5}, {metric: mae, max: 3}]}
empty:
validate: {columns: {a.b: {min: 0}}}
"""


@pytest.mark.parametrize(
    ("option", "path", "value"),
    [
        ("seed=3", ["seed"], 3),
        ("train.models.boosted.max_iter=300", ["train", "models", "boosted", "max_iter"], 300),
        ("train.models.new.type=ridge", ["train", "models", "new"], {"type": "ridge"}),
        ("evaluate.gates.0.min=0.8", ["evaluate", "gates", 0], {"metric": "f1", "min": 0.8}),
        ("evaluate.gates=[]", ["evaluate", "gates"], []),
        ("columns.weight=", ["columns", "weight"], None),
        ("columns.target=z", ["columns", "target"], "z"),
        ("columns.positive=NO", ["columns", "positive"], "NO"),
        ("empty.a.b=1e-3", ["empty"], {"a": {"b": 0.001}}),
        ("validate.columns.a.b.min=1", ["validate", "columns", "a.b"], {"min": 1}),
        ("ingest.path=a=b", ["ingest", "path"], "a=b"),
        (" seed =4", ["seed"], 4),
    ],
)
def test_a_value_is_set_at_its_dotted_key(
    tmp_path: Path, option: str, path: list[str | int], value: object
) -> None:
    found = resolved(tmp_path, SPEC, overrides=[option]).values
    for key in path:
        found = found[key]
    assert found == value


def test_the_rest_of_the_spec_stays_as_it_was(tmp_path: Path) -> None:
    before = resolved(tmp_path, SPEC)
    after = resolved(tmp_path, SPEC, overrides=["evaluate.gates.1.max=4"])
    assert after.values["evaluate"]["gates"] == [
        {"metric": "f1", "min": 0.5},
        {"metric": "mae", "max": 4},
    ]
    changed = {path for path in after.origins if after.origins[path] != before.origins[path]}
    assert changed == {("evaluate", "gates", 1, "max")}


BAD = {
    "seed": "-S seed: expected key=value\n  hint: for example -S train.folds=3",
    "=3": "-S =3: a part of the key is empty\n  hint: for example -S train.folds=3",
    "train..folds=3": (
        "-S train..folds=3: a part of the key is empty\n  hint: for example -S train.folds=3"
    ),
    "seed.deep=3": (
        "-S seed.deep=3: seed is a single value and has no keys\n  hint: set it whole: -S seed=…"
    ),
    "evaluate.gates.2.min=0": (
        "-S evaluate.gates.2.min=0: evaluate.gates is a list of 2 items, counted from 0, "
        "without '2'\n  hint: set it whole: -S evaluate.gates=…"
    ),
    "evaluate.gates.-1.min=0": (
        "-S evaluate.gates.-1.min=0: evaluate.gates is a list of 2 items, counted from 0, "
        "without '-1'\n  hint: set it whole: -S evaluate.gates=…"
    ),
    "columns.target.positive=>50K": (
        "-S columns.target.positive=>50K: '>50K' starts a block of text in YAML\n"
        '  hint: quote it: ">50K"'
    ),
    "seed=010": (
        "-S seed=010: 010 could be text, a number or an octal number\n"
        '  hint: write 10 for the number, "010" for the text'
    ),
    "x=[1, 2": "-S x=[1, 2: '[' is never closed\n  hint: close it with ]",
    "x=a\u202eb": (
        "-S x=a?b: the character U+202E cannot be seen\n"
        '  hint: delete it; if it is meant, write it as "\\u202e" in double quotes'
    ),
    "db.password=[hunter2": "-S db.password=***: '[' is never closed\n  hint: close it with ]",
    "colour=#fff": (
        "-S colour=#fff: a '#' starts a comment; there is no value\n"
        "  hint: quote it if text is meant"
    ),
    "extends=x.yaml": "-S extends=x.yaml: extends is read from files only",
    "profiles.ci=1": (
        "-S profiles.ci=1: profiles is read from files only\n"
        "  hint: choose a profile with --profile"
    ),
}


@pytest.mark.parametrize("option", BAD)
def test_a_bad_option_is_placed_at_itself(tmp_path: Path, option: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolved(tmp_path, SPEC, overrides=[option])
    assert str(caught.value) == BAD[option]


def test_every_bad_option_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        resolved(tmp_path, SPEC, overrides=["seed", "train.folds=3", "=1"])
    assert [problem.place for problem in caught.value.problems] == ["-S seed", "-S =1"]


def test_a_deep_or_long_key_is_refused(tmp_path: Path) -> None:
    for key in (".".join("a" * 40), ".".join("ab" * 50_000)):
        with pytest.raises(SpecError, match="the key is too long"):
            resolved(tmp_path, SPEC, overrides=[f"{key}=1"])
