"""Cases 1 to 15 of the bad inputs that belong to the file alone."""

import pytest
import yaml as pyyaml

from mlpipe.errors import SpecError
from mlpipe.spec import yaml
from mlpipe.spec.mark import Mark
from mlpipe.spec.node import MAX_VALUES
from mlpipe.spec.text import MAX_BYTES
from mlpipe.spec.yaml import parse, scalar
from tests.spec.costly import ALIAS_BOMB, COSTLY
from tests.spec.sample import parse_refusal

DUPLICATE = """\
f.yaml:3:3 train.folds: this key stands twice; first on line 2
  hint: keep one of them"""

REFUSED = {
    "1 duplicate key": ("train:\n  folds: 3\n  folds: 4\n", DUPLICATE),
    "3 recursive anchor": (
        "a: &x [1, *x]\n",
        "f.yaml:1:11 a.1: '*x' stands inside of its own anchor\n"
        "  hint: an anchor cannot hold itself",
    ),
    "9 tag": (
        "a: !!python/object:os.system x\n",
        "f.yaml:1:4 a: tags (!!python/object:os.system) are not part of a spec\n"
        '  hint: quote it: "!!python/object:os.system x"',
    ),
    "9 tag of a mapping": (
        "a: !thing {b: 1}\n",
        'f.yaml:1:4 a: tags (!thing) are not part of a spec\n  hint: quote it: "!thing {b: 1}"',
    ),
    "10 several documents": (
        "a: 1\n---\nb: 2\n",
        "f.yaml:2:1: a spec is one YAML document; another starts here\n"
        "  hint: keep variants under `profiles`, or in files of their own with `extends`",
    ),
    "10 after the end": (
        "a: 1\n...\nb: 2\n",
        "f.yaml:2:1: a spec is one YAML document; another starts here\n"
        "  hint: keep variants under `profiles`, or in files of their own with `extends`",
    ),
    "11 tab": (
        "train:\n\tfolds: 3\n",
        "f.yaml:2:1: tabs cannot indent\n  hint: indent with spaces",
    ),
    "13 empty": (
        "# nothing\n\n",
        "f.yaml: the file is empty\n  hint: mlpipe init DATA --target COLUMN writes one",
    ),
    "13 list": (
        "- a\n- b\n",
        "f.yaml:1:1: a spec is a mapping of keys, not a list\n"
        "  hint: start with `version: 1`; the sections are keys at the top",
    ),
    "13 single value": (
        "churn\n",
        "f.yaml:1:1: a spec is a mapping of keys, not a single value\n"
        "  hint: start with `version: 1`; the sections are keys at the top",
    ),
    "14 NUL": (
        "a: 1\nb: x\0y\n",
        "f.yaml:2:5: the character U+0000 cannot be seen\n  hint: delete it",
    ),
    "14 NUL as an escape": (
        'a: "x\\0"\n',
        "f.yaml:1:4 a: a text cannot hold the character U+0000",
    ),
    "14 bidi control": (
        "a: x\u202ey\n",
        "f.yaml:1:5: the character U+202E cannot be seen\n"
        '  hint: delete it; if it is meant, write it as "\\u202e" in double quotes',
    ),
    "6 leading zero": (
        "a: [010]\n",
        "f.yaml:1:5 a.0: 010 could be text, a number or an octal number\n"
        '  hint: write 10 for the number, "010" for the text',
    ),
    "15 nan": (
        "a: .nan\n",
        'f.yaml:1:4 a: .nan is not a finite number\n  hint: quote it if text is meant: ".nan"',
    ),
    "15 inf": (
        "a: {b: -.inf}\n",
        'f.yaml:1:8 a.b: -.inf is not a finite number\n  hint: quote it if text is meant: "-.inf"',
    ),
    "15 overflow": (
        "a: 1e400\n",
        'f.yaml:1:4 a: 1e400 is too large for a number\n  hint: quote it if text is meant: "1e400"',
    ),
    "merge key": (
        "a: &a {x: 1}\nb: {<<: *a}\n",
        "f.yaml:2:5 b: merge keys (<<) are not part of YAML 1.2\n"
        "  hint: share values through `extends`, or repeat the alias under each key",
    ),
    "directive": (
        "%TAG ! x\n---\na: 1\n",
        "f.yaml:1:1: directives are not part of a spec\n"
        "  hint: a spec is read as YAML 1.2: delete the line",
    ),
    "list as a key": (
        "? [a]\n: 1\n",
        "f.yaml:1:3: a key is one word, not a list or a mapping\n  hint: quote it if text is meant",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_gets_place_message_and_hint(case: str) -> None:
    text, said = REFUSED[case]
    assert parse_refusal(text) == said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            "a: 1".encode("utf-16"),
            "f.yaml: the file is UTF-16; a spec is UTF-8\n"
            "  hint: save it as UTF-8: iconv -f UTF-16 -t UTF-8",
        ),
        (
            "a: 1".encode("utf-16-be"),
            "f.yaml: the file is UTF-16; a spec is UTF-8\n"
            "  hint: save it as UTF-8: iconv -f UTF-16 -t UTF-8",
        ),
        (
            "a: 1".encode("utf-32"),
            "f.yaml: the file is UTF-32; a spec is UTF-8\n"
            "  hint: save it as UTF-8: iconv -f UTF-32 -t UTF-8",
        ),
        (
            "a: 1\nb: né".encode("latin-1"),
            "f.yaml:2:5: byte 0xe9 is not UTF-8\n  hint: save the file as UTF-8",
        ),
        (
            b"\xef\xbb\xbfa: \xa3",
            "f.yaml:1:4: byte 0xa3 is not UTF-8\n  hint: save the file as UTF-8",
        ),
        (
            b"a: \xed\xa0\x80",
            "f.yaml:1:4: an encoded surrogate is not UTF-8\n  hint: save the file as UTF-8",
        ),
    ],
)
def test_12_and_14_other_encodings_are_refused(data: bytes, said: str) -> None:
    assert parse_refusal(data) == said


def test_12_a_byte_order_mark_is_accepted_and_shifts_no_column() -> None:
    tree = parse(b"\xef\xbb\xbfa: 1\n", "f.yaml")
    assert tree.value == {"a": 1}
    assert tree.marks[("a",)] == Mark("f.yaml", 1, 4)


def test_several_breaches_are_told_at_once() -> None:
    said = parse_refusal("a: 010\nb: !x 1\nb: 2\n")
    assert [line.split(" ")[0] for line in said.splitlines() if line.startswith("f.yaml")] == [
        "f.yaml:1:4",
        "f.yaml:2:4",
        "f.yaml:3:1",
    ]


def test_4_one_byte_over_the_limit_is_refused_and_the_limit_itself_is_not() -> None:
    fits = b"a: '" + b"x" * (MAX_BYTES - 5) + b"'"
    assert len(parse(fits, "f.yaml").value["a"]) == MAX_BYTES - 5
    assert parse_refusal(fits + b"\n") == (
        "f.yaml: a spec is at most 1 MiB\n  hint: data belongs in data files"
    )


def test_4_depth_32_is_read_and_33_is_not() -> None:
    assert parse(b"a: " + b"[" * 31 + b"]" * 31, "f.yaml").value
    said = parse_refusal(b"a: " + b"[" * 32 + b"]" * 32)
    assert said == "f.yaml:1:35: nested deeper than 32 levels"
    assert parse_refusal("a: &a " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 20 + "*a" + "]" * 20)


@pytest.mark.parametrize("case", COSTLY)
def test_4_nothing_of_a_mebibyte_is_read_for_long(case: str) -> None:
    """benchmarks/spec.py holds each against two seconds; were one quadratic, it took minutes."""
    assert parse_refusal(COSTLY[case])


def test_4_the_largest_tree_is_accepted() -> None:
    data = b"".join(b"k%d: 1\n" % i for i in range(MAX_VALUES // 2 - 1))
    assert len(parse(data, "f.yaml").value) == MAX_VALUES // 2 - 1


def test_3_an_alias_bomb_is_counted_where_it_is_expanded() -> None:
    said = parse_refusal(ALIAS_BOMB)
    assert "more than 30,000 values, aliases included" in said
    assert said.startswith("f.yaml:")


def test_an_alias_stands_where_it_is_used_and_its_values_where_they_were_written() -> None:
    tree = parse(b"a: &x\n  p: 1\nb: *x\n", "f.yaml")
    assert tree.value == {"a": {"p": 1}, "b": {"p": 1}}
    assert tree.marks[("b",)] == Mark("f.yaml", 3, 4)
    assert tree.marks[("b", "p")] == Mark("f.yaml", 2, 6)


def test_marks_hold_keys_and_values() -> None:
    tree = parse(b"# c\ntrain:\n  models:\n    - {type: x, C: 0.5}\n", "configs/f.yaml")
    assert str(tree.marks[("train", "models", 0, "C")]) == "configs/f.yaml:4:20"
    assert str(tree.keys[("train", "models", 0, "C")]) == "configs/f.yaml:4:17"
    assert str(tree.keys[("train",)]) == "configs/f.yaml:2:1"
    assert ("train", "models", 0) not in tree.keys


def test_keys_are_text_as_written() -> None:
    value = parse(b"2020: a\ntrue: b\n1.50: c\nnull: d\n010: e\n", "f.yaml").value
    assert value == {"2020": "a", "true": "b", "1.50": "c", "null": "d", "010": "e"}


def test_line_ends_of_every_system() -> None:
    tree = parse("é: 1\r\nb: 2\rc: 3\n".encode(), "f.yaml")
    assert tree.value == {"é": 1, "b": 2, "c": 3}
    assert tree.marks[("c",)].line == 3


def test_the_version_directive_and_the_markers_of_one_document_are_accepted() -> None:
    assert parse(b"# c\n%YAML 1.2\n--- # start\na: 1\n...\n# end\n", "f").value == {"a": 1}


def test_the_python_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a: [1, {b: 'x'}]\nc: |\n  d\n  e\nf: &x {g: ~}\nh: *x\n"
    expected = parse(text, "f")
    monkeypatch.setattr(yaml, "LOADER", pyyaml.SafeLoader)
    assert parse(text, "f").value == expected.value
    assert parse(text, "f").marks == expected.marks
    assert parse_refusal(b"[" * 1000).endswith("nested deeper than 32 levels")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("", None),
        ("[a, {b: 1e-3}]", ["a", {"b": 0.001}]),
        ("NO", "NO"),
        ("'010'", "010"),
        ("2026-05-01", "2026-05-01"),
        ("a b", "a b"),
    ],
)
def test_scalar_reads_by_the_rules_of_the_file(text: str, value: object) -> None:
    assert scalar(text) == value


@pytest.mark.parametrize("text", ["010", "[a", "!x", "*a", ".inf", "--- a\n--- b", "a\0", "%x"])
def test_scalar_refuses_what_the_file_refuses(text: str) -> None:
    with pytest.raises(SpecError):
        scalar(text)
