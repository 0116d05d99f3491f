"""What was chosen, as blocks that the spec could have had from the start."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlpipe.features.words import step
from mlpipe.featurize.spec import Block, Featurize

__all__ = ["SAID", "pinned"]

SAID = "the spec says so"
"""The reason of blocks that nothing had to be chosen for."""

Chosen = tuple[dict[str, Any], str]
"""A block without its models, and why."""


def pinned(
    spec: Featurize, models: Mapping[str, Mapping[str, Any]], raw: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the blocks of the spec with each choice spelled out; they make the same features.

    Parameters
    ----------
    spec : Featurize
        The section.
    models : mapping of str to {"blocks", "dropped"}
        What was planned for each model, as the report has it.
    raw : sequence of str
        The columns that a block can name.

    Returns
    -------
    list of dict
        Blocks as the spec writes them, and beside each its ``reason``; a choice that is the same
        for all models stands once.
    """
    told = [
        {**_written(block), "reason": SAID}
        for block in spec.blocks
        if block.rest is None and (block.columns is None or block.steps != "auto")
    ]
    chosen: dict[str, tuple[Chosen, list[str]]] = {}
    for name, model in models.items():
        for block, reason in _choices(model, raw):
            chosen.setdefault(f"{block}{reason}", ((block, reason), []))[1].append(name)
    return told + [
        {**block, **({} if len(names) == len(models) else {"for": names}), "reason": reason}
        for (block, reason), names in chosen.values()
    ]


def _written(block: Block) -> dict[str, Any]:
    given = block.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(block.steps, tuple):
        given["steps"] = [_short({word.word: word.model_dump(mode="json")}) for word in block.steps]
    return given


def _choices(model: Mapping[str, Any], raw: Sequence[str]) -> Iterator[Chosen]:
    for block in model["blocks"]:
        names = [name for name in block["columns"] if name in raw]
        if names and block["reason"] != SAID:
            yield {"columns": names, "steps": [*map(_short, block["steps"])]}, block["reason"]
    left_out: dict[str, list[str]] = {}
    for column in model["dropped"]:
        left_out.setdefault(column["reason"], []).append(column["column"])
    for reason, columns in left_out.items():
        names = [name for name in columns if name in raw]
        if names and not reason.startswith(("the spec", "rest:")):
            yield {"columns": names, "steps": "drop"}, reason


def _short(written: dict[str, Any]) -> Any:
    """Return a step as a person writes it: the word, its main parameter, or those that differ."""
    word = step(written)
    given = word.model_dump(mode="json", exclude_defaults=True)
    if not given:
        return word.word
    return {word.word: given[word.main] if word.main and [*given] == [word.main] else given}
