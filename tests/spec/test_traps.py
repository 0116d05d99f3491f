"""What a person meant, what YAML reads, and what is said about it."""

import pytest

from mlpipe.spec.yaml import parse
from tests.spec.sample import parse_refusal

TRAPS = {
    "positive: >50K": (
        "f.yaml:1:11: '>50K' starts a block of text in YAML",
        'quote it: ">50K"',
    ),
    "positive: >5\nname: x": (
        "f.yaml:1:11 positive: '>5' starts a block of text in YAML, and the block is empty",
        'quote it: ">5"',
    ),
    "delimiter: |\nname: x": (
        "f.yaml:1:12 delimiter: '|' starts a block of text in YAML, and the block is empty",
        'quote it: "|"',
    ),
    "nulls: [?]": (
        "f.yaml:1:10 nulls.0: '?' starts a key in YAML, and the key is empty",
        'quote it: "?"',
    ),
    "nulls: [?, NA]": ("f.yaml:1:12: '?' starts a key in YAML", 'quote it: "?"'),
    "format: %Y-%m-%d": (
        "f.yaml:1:9: a value cannot start with '%'",
        'quote it: "%Y-%m-%d"',
    ),
    "formats: [%Y, x]": ("f.yaml:1:11: a value cannot start with '%'", 'quote it: "%Y"'),
    "user: @x": ("f.yaml:1:7: a value cannot start with '@'", 'quote it: "@x"'),
    "user: `x`": ("f.yaml:1:7: a value cannot start with '`'", 'quote it: "`x`"'),
    "path: *": ("f.yaml:1:7: '*' refers to an anchor in YAML", 'quote it: "*"'),
    "path: *.csv": ("f.yaml:1:7: '*.csv' refers to an anchor in YAML", 'quote it: "*.csv"'),
    "ignore: [*_internal]": (
        "f.yaml:1:10 ignore.0: '*_internal' refers to an anchor in YAML, and there is none",
        'quote it: "*_internal"',
    ),
    "positive: &yes": (
        "f.yaml:1:11 positive: '&yes' names an anchor in YAML, and the value is empty",
        'quote it: "&yes"',
    ),
    "positive: !yes": (
        "f.yaml:1:11 positive: tags (!yes) are not part of a spec",
        'quote it: "!yes"',
    ),
    "path: data #1.csv": (
        "f.yaml:1:7 path: the '#' after 'data' starts a comment and cuts the value",
        "quote it: \"data #1.csv\"; or put a space after '#'",
    ),
    "colour: #fff": (
        "f.yaml:1:8 colour: the '#' starts a comment and cuts the value",
        "quote it: \"#fff\"; or put a space after '#'",
    ),
    "names: [a, b #c]": (
        "f.yaml:1:8: a '#' starts a comment, and ']' is missing",
        "quote a value that holds '#'",
    ),
    "sql: >\n  select a -- the key\n  from t": (
        "f.yaml:1:6 sql: folded text is one line: the SQL comment (--) hides all that follows it",
        "keep the lines with `|`",
    ),
    "sql: select a -- the key\n  from t": (
        "f.yaml:1:6 sql: folded text is one line: the SQL comment (--) hides all that follows it",
        "keep the lines with `|`",
    ),
    "value: {tp: 0.3 * f(a, b)}": (
        "f.yaml:1:13 value.tp: a comma ends a value here: '0.3 * f(a' is cut short",
        "quote the value",
    ),
    "check: {sql: a < 3, b < 4}": (
        "f.yaml:1:21 check: 'b < 4' has no value; a comma ends a value inside {}",
        "quote a value with commas",
    ),
    "check: {min:3}": (
        "f.yaml:1:9 check: a space is missing after the colon of 'min:3'",
        "write `key: value`",
    ),
    "seed:7\nname: x": (
        "f.yaml:2:5: a space is missing after 'seed:' on the line above",
        "write `key: value`",
    ),
    "title: a: b": ("f.yaml:1:9: a second ': ' in one value", "quote a value that holds ': '"),
    "uri: {{ uri }}": (
        "f.yaml:1:7 uri: templates ({{ }}) are not part of a spec",
        'take values from "${env:NAME}" or -S',
    ),
    "mlflow: {uri: ${env:URI}}": (
        "f.yaml:1:16: a variable inside [] or {} is quoted",
        'write "${env:NAME}"',
    ),
    'matches: "\\d+"': (
        "f.yaml:1:11: this escape (\\) is unknown in double quotes",
        "use single quotes for text with \\",
    ),
    "matches: [a-z]+": ("f.yaml:1:15: the value ended before this", "quote the whole value"),
    'name: "x': ('f.yaml:1:7: the quote (") is never closed', 'close it with "'),
    "names: [a, b": ("f.yaml:1:8: '[' is never closed", "close it with ]"),
    "a:\n  b: 1\n c: 2": (
        "f.yaml:3:2: expected a key at this indentation",
        "check the indentation, and `key: value`",
    ),
    "a: 1\n  b: 2": (
        "f.yaml:2:4: this line is indented deeper than the key above, which has a value",
        "check the indentation, and the space after each colon",
    ),
    "a: - b": (
        "f.yaml:1:4: a list cannot start on the line of its key",
        "start it on the next line, or use []",
    ),
    ": x": (
        "f.yaml:1:1: expected a key at this indentation",
        "check the indentation, and `key: value`",
    ),
}


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_has_a_message_of_its_own(text: str) -> None:
    message, hint = TRAPS[text]
    assert parse_refusal(text).splitlines()[:2] == [message, f"  hint: {hint}"]


@pytest.mark.parametrize("text", TRAPS)
def test_the_quoted_form_that_a_hint_proposes_is_accepted(text: str) -> None:
    hint = TRAPS[text][1]
    if not hint.startswith("quote it: "):
        return
    quoted = hint.removeprefix("quote it: ").partition("; or")[0]
    assert parse(f"a: [{quoted}]".encode(), "f").value == {"a": [quoted.strip('"')]}


@pytest.mark.parametrize(
    "text",
    [
        "a: b # a comment",
        "a: 7 #seven",
        "a: b#c",
        "a:   # what follows\n  b: 1",
        "a: 'x #y'",
        "sql: |\n  select a -- the key\n  from t",
        "sql: >\n  select a\n  from t -- the end",
        "text: >\n  several words -- said aside --\n  and more of them",
        "a: {b: }",
        "a: {b: [f(x), g(y)]}",
        "a: [-, +, '?', /x/*.csv]",
        "a: ^[^@]+@[^@]+$",
        "a: x:y",
        "a: http://host:80/x?y#z",
        "a: &x 1\nb: *x",
    ],
)
def test_what_only_looks_like_a_trap_is_accepted(text: str) -> None:
    assert parse(text.encode(), "f").value
