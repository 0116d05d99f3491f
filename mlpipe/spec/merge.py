"""How one spec lies over another: mappings merge, everything else replaces."""

from mlpipe.spec.node import Node

__all__ = ["merge"]


def merge(under: Node, over: Node) -> Node:
    """Return `over` laid on `under`; keys keep the order in which they were first named."""
    if not isinstance(under.value, dict) or not isinstance(over.value, dict):
        return over
    merged = dict(under.value)
    for key, child in over.value.items():
        below = merged.get(key)
        merged[key] = child if below is None else merge(below, child)
    return Node(merged, over.mark, over.key)
