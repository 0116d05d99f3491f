"""Properties of laying one spec over another."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlpipe.spec.mark import Mark
from mlpipe.spec.merge import merge
from mlpipe.spec.node import Node, plain, walk

scalars = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=12,
)
mappings = st.dictionaries(st.sampled_from("xyz"), values, max_size=3)


def node(value: Any, file: str) -> Node:
    mark = Mark(file, 1, 1)
    if isinstance(value, dict):
        return Node({key: node(item, file) for key, item in value.items()}, mark, mark)
    if isinstance(value, list):
        return Node([node(item, file) for item in value], mark, mark)
    return Node(value, mark, mark)


def merged(*layers: Any) -> Any:
    first, *rest = [node(layer, str(at)) for at, layer in enumerate(layers)]
    for each in rest:
        first = merge(first, each)
    return plain(first)


def expected(under: Any, over: Any) -> Any:
    if isinstance(under, dict) and isinstance(over, dict):
        both = {key: expected(under[key], over[key]) for key in under if key in over}
        return {**under, **over, **both}
    return over


@given(mappings, mappings)
def test_mappings_merge_and_all_else_replaces(under: Any, over: Any) -> None:
    assert merged(under, over) == expected(under, over)


@given(mappings, mappings, mappings)
def test_three_layers_are_laid_one_on_the_other(a: Any, b: Any, c: Any) -> None:
    left = merge(merge(node(a, "a"), node(b, "b")), node(c, "c"))
    assert plain(left) == expected(expected(a, b), c)


@given(mappings)
def test_nothing_over_it_or_under_it_changes_nothing(layer: Any) -> None:
    assert merged(layer, {}) == layer
    assert merged({}, layer) == layer
    assert merged(layer, layer) == layer


@given(mappings, mappings)
def test_each_leaf_keeps_the_mark_of_its_layer(under: Any, over: Any) -> None:
    found = merge(node(under, "under"), node(over, "over"))
    above = dict(walk(node(over, "over")))
    for path, each in walk(found):
        told = "over" if path in above else "under"
        assert each.mark.file == told


@given(mappings, mappings)
def test_the_layers_themselves_are_left_alone(under: Any, over: Any) -> None:
    low, high = node(under, "u"), node(over, "o")
    merge(low, high)
    assert (plain(low), plain(high)) == (under, over)
