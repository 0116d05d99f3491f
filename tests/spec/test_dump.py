"""What is written reads back."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.spec.dump import to_yaml
from mlpipe.spec.yaml import parse
from tests.spec.sample import resolved

WORDS = [
    "on", "NO", "yes", "y", "null", "~", "true", "1e-3", "010", "22:22", "0x1f", ".inf", "-", "?",
    ">50K", "|", "*x", "&x", "!x", "@x", "%Y", "#x", "a #b", "a: b", "a:", " a", "a ", "", "a\nb",
    "a\n", "\n", "a\n\n", "  a\nb", "a\n b\n", "a\tb\nc", "a\r\nb", "---", "...", "'", '"', "\\",
    "{a}", "[a]", "a, b", "2026-05-01", "\u202e", "\x85", "\u2028", "é", "${env:X}", "<<", "=",
    "\U000e0001", "\x7f", "a\n---\nb", "a\n\nb", "select *\nfrom t -- x\n", "a\n  \nb", "\ufeff",
]  # fmt: skip

texts = st.sampled_from(WORDS) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


def same(one: Any, other: Any) -> bool:
    """Compare also the types: 1, 1.0 and true are three values."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(st.dictionaries(texts, values, min_size=1, max_size=5))
def test_what_is_written_reads_back(value: dict[str, Any]) -> None:
    assert same(parse(to_yaml(value).encode(), "f").value, value)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_reads_back_in_every_place(word: str) -> None:
    value = {word: word, "list": [word, "x"], "deep": [{word: [word, {"a": word}]}]}
    assert parse(to_yaml(value).encode(), "f").value == value


def test_it_is_written_for_people() -> None:
    value = {
        "name": "churn",
        "columns": {"key": ["id", "month"], "ignore": []},
        "sql": "select *\nfrom t\n",
        "gates": [{"metric": "f1", "min": 0.5}, {"metric": "mae"}],
        "positive": ">50K",
        "flag": "on",
        "rate": 1e-3,
    }
    assert to_yaml(value) == (
        "name: churn\n"
        "columns:\n"
        "  key: [id, month]\n"
        "  ignore: []\n"
        "sql: |\n"
        "  select *\n"
        "  from t\n"
        "gates:\n"
        "  - metric: f1\n"
        "    min: 0.5\n"
        "  - metric: mae\n"
        'positive: ">50K"\n'
        'flag: "on"\n'
        "rate: 0.001\n"
    )


def test_origins_are_comments_and_secrets_are_masked(tmp_path: Path) -> None:
    found = resolved(
        tmp_path,
        "uri: postgres://me:hunter2@host/db\ntoken: hunter2\nsteps:\n  - impute: median\n",
        overrides=["train.password=hunter2", "train.folds=3"],
    )
    values = {**found.values, "steps": [{"impute": {"strategy": "median"}}], "seed": 0}
    written = to_yaml(values, found.origins)
    assert written == (
        'uri: "postgres://me:***@host/db"  # spec.yaml:1:6\n'
        'token: "***"  # spec.yaml:2:8\n'
        "steps:\n"
        "  - impute:\n"
        "      strategy: median  # spec.yaml:4:13\n"
        "train:\n"
        '  password: "***"  # -S train.password=***\n'
        "  folds: 3  # -S train.folds=3\n"
        "seed: 0  # default\n"
    )
    assert parse(written.encode(), "f").value["train"] == {"password": "***", "folds": 3}


def test_not_a_number_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_yaml({"a": float("nan")})
