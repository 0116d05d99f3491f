"""Case 16, and what the environment may put into a spec."""

from pathlib import Path

import pytest

from mlpipe.errors import SpecError
from mlpipe.spec.secret import reveal
from tests.spec.sample import resolved

ENVIRON = {"HOME_DIR": "/data", "URI": "http://host", "PW": "hunter2", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${env:HOME_DIR}", "/data"),
        ("${env:HOME_DIR}/x/${env:URI}", "/data/x/http://host"),
        ("[${env:EMPTY}]", "[]"),
        ("$${env:HOME_DIR}", "${env:HOME_DIR}"),
        ("$${OTHER}", "${OTHER}"),
        ("${secret:PW}", "${secret:PW}"),
        ("$${secret:PW}", "$${secret:PW}"),
        ("$asof and $1 and ^a{2}$", "$asof and $1 and ^a{2}$"),
        ("a{3}${2}", "a{3}${2}"),
    ],
)
def test_references_in_texts(tmp_path: Path, text: str, value: str) -> None:
    found = resolved(tmp_path, f"a: [{{b: '{text}'}}]\n", environ=ENVIRON)
    assert found.values == {"a": [{"b": value}]}


def test_only_env_variables_are_recorded(tmp_path: Path) -> None:
    found = resolved(tmp_path, 'a: "${env:URI}/${secret:PW}"\n', environ=ENVIRON)
    assert found.environment == {"URI": "http://host"}
    assert found.values == {"a": "http://host/${secret:PW}"}
    assert str(found.origins["a",]) == "spec.yaml:1:4"


def test_the_value_of_a_variable_is_not_read_again(tmp_path: Path) -> None:
    environ = {"X": "${env:Y} ${secret:PW}", "PW": "hunter2"}
    value = resolved(tmp_path, 'a: "${env:X}"\n', environ=environ).values["a"]
    assert reveal(value, environ) == "${env:Y} ${secret:PW}"


def test_options_are_interpolated_and_replace_what_is_undefined(tmp_path: Path) -> None:
    found = resolved(tmp_path, 'a: "${env:NOWHERE}"\n', overrides=["a=${env:URI}"], environ=ENVIRON)
    assert found.values == {"a": "http://host"}


BAD = {
    "${env:URL}": "${env:URL} is not defined\n  hint: did you mean 'URI'?",
    "${env:ZZZZZZ}": "${env:ZZZZZZ} is not defined\n  hint: export ZZZZZZ=…",
    "${secret:ZZZZZZ}": "${secret:ZZZZZZ} is not defined\n  hint: export ZZZZZZ=…",
    "${env:A:-x}": (
        "${env:A:-x} does not name a variable\n  hint: letters, digits and _; there are no defaults"
    ),
    "${env:}": (
        "${env:} does not name a variable\n  hint: letters, digits and _; there are no defaults"
    ),
    "${env:URI": "${env:URI is not closed\n  hint: close it with }",
    "${URI}": "${URI} is neither env nor secret\n  hint: write ${env:URI}, or $${URI}",
    "${env:BIDI}": (
        "${env:BIDI} holds characters that cannot be seen\n  hint: look at it: env | grep BIDI"
    ),
}


@pytest.mark.parametrize("text", BAD)
def test_16_a_reference_that_cannot_be_followed(tmp_path: Path, text: str) -> None:
    environ = {**ENVIRON, "BIDI": "a\udc80"}
    with pytest.raises(SpecError) as caught:
        resolved(tmp_path, f"a:\n  b: '{text}'\n", environ=environ)
    assert str(caught.value) == f"spec.yaml:2:6 a.b: {BAD[text]}"


def test_all_undefined_variables_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        resolved(tmp_path, "a: ${env:AA}\nb: [x, '${env:BB}${env:CC}']\n")
    assert [p.place for p in caught.value.problems] == [
        "spec.yaml:1:4",
        "spec.yaml:2:8",
        "spec.yaml:2:8",
    ]


def test_variables_cannot_make_the_spec_huge(tmp_path: Path) -> None:
    text = "a: [" + ", ".join(["'${env:BIG}'"] * 100) + "]\n"
    with pytest.raises(SpecError, match="more than 4,194,304 characters"):
        resolved(tmp_path, text, environ={"BIG": "x" * 100_000})
