"""An edit changes one value, and every other byte of the file stays as it was."""

import difflib
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mlpipe.errors import SpecError, StoreError
from mlpipe.spec.dump import flow
from mlpipe.spec.edit import Edit, edited, home
from mlpipe.spec.resolve import resolve
from mlpipe.spec.rewrite import rewrite
from mlpipe.spec.yaml import parse

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "configs" / "churn.yaml").read_bytes()

KEYS = st.sampled_from(["a", "b", "c d", "on", "0.5", "é", "x.y"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "x", "it's", "yes", "010", "- a", "a: b", "x # y", "é\n", "l1\nl2", '"q"']
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def documents(draw):
    """YAML as people write it: every style, comments, blank lines, wide and narrow indents."""
    tree = draw(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
    text = "\n".join(["# top", *_block(draw, tree, 0)]) + draw(st.sampled_from(["", "\n", "\n\n"]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()


def _block(draw, value, column):
    space = " " * column
    lines = []
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if draw(st.integers(0, 5)) == 0:
            lines += draw(st.sampled_from([[""], [f"{space}# - note"], ["", f"{space}# a: b", ""]]))
        head = f"{space}{flow(key)}:" if isinstance(value, dict) else f"{space}-"
        lines += _entry(draw, head, item, column, isinstance(value, dict))
    return lines


def _entry(draw, head, item, column, keyed):
    note = draw(st.sampled_from(["", "", "  # why: [x]"]))
    if isinstance(item, dict | list) and item and draw(st.booleans()):
        least = 0 if keyed and isinstance(item, list) else 1
        inner = _block(draw, item, column + draw(st.integers(least, 4)))
        compact = not keyed and not note and inner[0].strip()[:1] not in ("", "#")
        if compact and draw(st.booleans()):
            inner = _block(draw, item, column + 2)
            if inner[0].strip()[:1] not in ("", "#"):
                return [f"{head} {inner[0].lstrip()}", *inner[1:]]
        return [head + note, *inner]
    if isinstance(item, str) and "\n" in item and draw(st.booleans()):
        mark = {True: "|", False: "|-"}[item.endswith("\n")]
        return [
            f"{head} {mark}{note}",
            *(f"{' ' * column}   {line}" for line in item.split("\n") if line),
        ]
    if item is None and draw(st.booleans()):
        return [head + note]
    return [f"{head} {_flow(draw, item, column)}{note}"]


def _flow(draw, item, column):
    gap = draw(st.sampled_from(["", "", " ", f"\n{' ' * (column + 5)}"]))
    comma = draw(st.sampled_from(["", "", ","]))
    if isinstance(item, dict) and item:
        pairs = [f"{flow(key)}: {_flow(draw, each, column)}" for key, each in item.items()]
        return "{" + gap + f", {gap}".join(pairs) + comma + gap + "}"
    if isinstance(item, list) and item:
        return (
            "["
            + gap
            + f",{gap} ".join(_one(draw, each, column) for each in item)
            + comma
            + gap
            + "]"
        )
    if isinstance(item, str) and "\n" not in item and draw(st.booleans()):
        return "'" + item.replace("'", "''") + "'"
    return flow(item)


def _one(draw, item, column):
    if isinstance(item, dict) and len(item) == 1 and draw(st.booleans()):
        ((key, value),) = item.items()
        return f"{flow(key)}: {_flow(draw, value, column)}"
    return _flow(draw, item, column)


def _places(value, path=()):
    """Yield every path, and those where something can be added."""
    if path:
        yield path, True
    if isinstance(value, dict):
        yield (*path, "new key"), False
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        yield (*path, len(value)), False
        for at, item in enumerate(value):
            yield from _places(item, (*path, at))
    elif value is None:
        yield (*path, "new", "deep"), False
        yield (*path, 0), False


def _with(value, path, new):
    if not path:
        return new
    if isinstance(path[0], int):
        items = list(value or [])
        before = items[path[0]] if path[0] < len(items) else None
        items[path[0] : path[0] + 1] = [_with(before, path[1:], new)]
        return items
    return {**(value or {}), path[0]: _with((value or {}).get(path[0]), path[1:], new)}


def _without(value, path):
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = _without(copy[path[0]], path[1:])
    return copy


def _same(one, other):
    """Compare with types: 1, 1.0 and true are three things."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


def _kept_lines(before, after):
    """Return how many lines of the old text are not in the new one, in order."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return len(before) - sum(block.size for block in matcher.get_matching_blocks())


slow = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(documents(), VALUES, st.data())
def test_a_value_is_set_and_nothing_else_moves(document, value, data):
    tree = parse(document, "x.yaml").value
    path, there = data.draw(st.sampled_from(list(_places(tree))))
    after = edited(document, [Edit(path, value)], "x.yaml")
    assert _same(parse(after, "x.yaml").value, _with(tree, path, value))
    assert after.startswith(b"\xef\xbb\xbf") == document.startswith(b"\xef\xbb\xbf")
    lines, new = document.split(b"\n"), after.split(b"\n")
    if b"\r\n" in document:
        assert all(line.endswith(b"\r") for line in new[:-1])
    if not there and isinstance(_at(tree, path[:-1]), dict | list):
        assert _kept_lines(lines, new) <= 1  # what it is added to may end on one line
    assert document.endswith(b"\n") == after.endswith(b"\n") or b"\n" not in document


def _at(tree, path):
    for part in path:
        if tree is None or (isinstance(part, str) and part not in tree):
            return None
        tree = tree[part]
    return tree


@slow
@given(documents(), st.data())
def test_an_entry_is_removed_and_nothing_else_moves(document, data):
    tree = parse(document, "x.yaml").value
    path, _ = data.draw(st.sampled_from([each for each in _places(tree) if each[1]]))
    after = edited(document, [Edit(path, remove=True)], "x.yaml")
    assert _same(parse(after, "x.yaml").value, _without(tree, path))


@slow
@given(documents(), SCALARS.filter(lambda v: not isinstance(v, str) or "\n" not in v), st.data())
def test_a_scalar_on_one_line_changes_that_line_alone(document, value, data):
    assume(not re.search(rb"(?m)[|>][-+0-9]*$", document))  # a block takes more lines than one
    tree = parse(document, "x.yaml").value
    scalars = [
        path
        for path, there in _places(tree)
        if there
        and isinstance(found := _at(tree, path), str | int | float)
        and "\n" not in str(found)
    ]
    if not scalars:
        return
    path = data.draw(st.sampled_from(scalars))
    after = edited(document, [Edit(path, value)], "x.yaml")
    before, new = document.split(b"\n"), after.split(b"\n")
    assert len(before) == len(new)
    assert sum(one != other for one, other in zip(before, new, strict=True)) <= 1


def _diff(*edits, data=SPEC):
    after = edited(data, edits, "churn.yaml")
    lines = difflib.unified_diff(data.decode().split("\n"), after.decode().split("\n"), n=0)
    return [line for line in lines if line[:3] not in ("---", "+++", "@@ ")]


def test_a_list_in_braces_grows_in_place():
    assert _diff(Edit(("validate", "columns", "plan", "in", 3), "max")) == [
        "-    plan: {in: [basic, plus, pro], severity: warn}",
        "+    plan: {in: [basic, plus, pro, max], severity: warn}",
    ]


def test_edits_are_made_in_order():
    twice = [Edit(("seed",), 8), Edit(("seed",), 9)]
    assert _diff(*twice) == ["-seed: 7", "+seed: 9"]


def test_the_quotes_of_a_text_stay():
    assert _diff(Edit(("columns", "target", "positive"), "no")) == [
        '-  target: {name: churned, positive: "yes", horizon: 30d}',
        '+  target: {name: churned, positive: "no", horizon: 30d}',
    ]


def test_a_section_goes_behind_the_one_named_with_its_comments():
    data = b"a: 1\n\nsplit: {by: random}  # why\n\nz: 2\n"
    new = Edit(("v",), {"x": {"min": 1}}, after="split", written="x: {min: 1}  # seen\n")
    after = b"a: 1\n\nsplit: {by: random}  # why\n\nv:\n  x: {min: 1}  # seen\n\nz: 2\n"
    assert edited(data, [new], "x.yaml") == after


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("c", "b"), "shared through *x"),
        ("a: &x {b: 1}\nc: *x\n", ("a", "b"), "others refer to it"),
        ("a: &x 1\nc: [*x]\n", ("a",), "others refer to it"),
        ("a: 1\n", ("a", "b"), "a has no keys"),
        ("a: [1]\n", ("a", 3), "a is a list of 1, without an item 3"),
        ("a: [1]\n", ("a", "b"), "a has no keys"),
        ("a: {b: 1}\n", ("a", 0), "a is no list, without an item 0"),
        ('a: "${env:HOME}"\n', ("a",), "is read from the environment"),
        ("a: 1\n", (), "the whole file is not replaced"),
    ],
)
def test_what_cannot_be_set_is_refused_with_its_place(text, path, said):
    with pytest.raises(SpecError, match=said.replace("*", r"\*")) as caught:
        edited(text.encode(), [Edit(path, 7)], "x.yaml")
    assert caught.value.problems[0].place.startswith("x.yaml")


def test_an_alias_itself_may_be_replaced():
    text = b"a: &x {b: 1}\nc: *x  # the same\n"
    assert edited(text, [Edit(("c",), 2)], "x.yaml") == b"a: &x {b: 1}\nc: 2  # the same\n"


@pytest.mark.parametrize("path", [("b",), ("a", "c"), ("l", 1)])
def test_what_is_not_there_is_not_removed(path):
    with pytest.raises(SpecError):
        edited(b"a: {b: 1}\nl: [1]\n", [Edit(path, remove=True)], "x.yaml")


@pytest.fixture
def layered(tmp_path):
    (tmp_path / "base.yaml").write_text("a: {b: 1, c: 2}\nl: [1, 2]\n")
    (tmp_path / "top.yaml").write_text(
        "extends: base.yaml\na: {c: 3}\nprofiles: {ci: {a: {p: 1}}}\n"
    )
    return tmp_path


def test_the_file_that_defines_a_value_is_the_one_to_edit(layered):
    resolved = resolve("top.yaml", environ={}, directory=layered)
    assert home(resolved, ("a", "b")) == "base.yaml"
    assert home(resolved, ("l", 1)) == "base.yaml"
    assert home(resolved, ("l", 2)) == "base.yaml"
    assert home(resolved, ("a", "c")) == "top.yaml"
    assert home(resolved, ("a", "new")) == "top.yaml"
    assert home(resolved, ("new", "deep")) == "top.yaml"


@pytest.mark.parametrize(
    ("options", "path", "via"),
    [
        ({"profile": "ci"}, ("a", "p"), "profile ci"),
        ({"overrides": ["a.b=5"]}, ("a", "b"), "-S a.b=5"),
    ],
)
def test_a_value_that_no_file_holds_is_not_edited(layered, options, path, via):
    resolved = resolve("top.yaml", environ={}, directory=layered, **options)
    with pytest.raises(SpecError, match=f"the value comes from {via}"):
        home(resolved, path)


def test_a_rewrite_keeps_permissions_and_links(tmp_path):
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_bytes(b"a: 1\n")
    real.chmod(0o640)
    link.symlink_to("real.yaml")
    rewrite(str(link), b"a: 1\n", b"a: 2\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"a: 2\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link.yaml", "real.yaml"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: 3\n")
    with pytest.raises(SpecError, match="changed while it was being edited"):
        rewrite(str(file), b"a: 1\n", b"a: 2\n")
    assert file.read_bytes() == b"a: 3\n"
    assert os.listdir(tmp_path) == ["x.yaml"]


def test_a_folder_that_cannot_be_written_leaves_the_file(tmp_path, monkeypatch):
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: 1\n")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        rewrite(str(file), b"a: 1\n", b"a: 2\n")
    assert file.read_bytes() == b"a: 1\n"
    assert os.listdir(tmp_path) == ["x.yaml"]
