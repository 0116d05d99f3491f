"""Steps over the levels of one column, as a table: what each level becomes.

Whatever is fitted on levels alone, one-hot, ordinal, target and count encoders, gives the same
answer for the same level. So the graph needs no formula of it, only its answers, which it is
asked for here. This is exact, and holds for encoders that are yet to be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.onnx.graph import ML, Graph, NotConvertibleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["MISSING", "number_levels", "text_levels"]

MISSING = ""
"""What stands for a missing text: ONNX has no missing strings."""

_MOST_CELLS = 20_000_000
"""A table of more numbers than that is no table any more."""


def text_levels(
    graph: Graph, step: Any, columns: Sequence[str], rows: pd.DataFrame
) -> tuple[str, int]:
    """Add what a step, or several in a `Pipeline`, makes of columns of strings.

    Parameters
    ----------
    graph : Graph
    step : transformer
        Fitted; it makes of each level the same, whatever the other columns hold.
    columns : sequence of str
        Inputs of the graph; if there are several, each becomes one column.
    rows : DataFrame
        Rows that it was fitted on: strings, NaN where missing.

    Raises
    ------
    NotConvertibleError
        If a level is the empty text, or what the step makes of a new level depends on its text.
    """
    if len(columns) == 1:
        return _column(graph, step, list(columns), 0, rows, slice(None))
    if list(step.get_feature_names_out(list(columns))) != list(columns):
        raise NotConvertibleError(
            f"{_name(step)} makes of {', '.join(columns)} other columns than one each"
        )
    made = [
        _column(graph, step, list(columns), at, rows, slice(at, at + 1))
        for at in range(len(columns))
    ]
    return graph.matrix([tensor for tensor, _ in made]), len(made)


def _column(
    graph: Graph, step: Any, columns: list[str], at: int, rows: pd.DataFrame, outputs: slice
) -> tuple[str, int]:
    import numpy as np

    name = columns[at]
    seen = rows[name]
    levels = sorted(set(seen[seen.notna()]))
    if MISSING in levels:
        raise NotConvertibleError(
            f"'{name}' has the empty text as a level, which stands for a missing one in ONNX"
        )
    new = _new_levels(levels)
    answers = _answers(step, columns, at, [*levels, np.nan, *new], rows)[:, outputs]
    table = _with_one_answer(answers, len(new), step, name)
    keys = [*levels, MISSING]
    found = graph.add(
        "LabelEncoder",
        graph.input(name, "string"),
        domain=ML,
        keys_strings=keys,
        values_int64s=list(range(len(keys))),
        default_int64=len(keys),
    )
    return _looked_up(graph, table, found), table.shape[1]


def number_levels(graph: Graph, step: Any, tensor: str, levels: NDArray[Any]) -> tuple[str, int]:
    """Add what a step makes of one column of numbers that are codes.

    Parameters
    ----------
    graph : Graph
    step : transformer
        Fitted.
    tensor : str
        Of shape (n, 1).
    levels : array
        The numbers that it knows.
    """
    import numpy as np

    known = np.unique(levels[~np.isnan(levels)])
    new = [float(np.max(known, initial=0)) + 1.5, float(np.min(known, initial=0)) - 1.5]
    codes = np.array([*known, np.nan, *new])[:, None]
    table = _with_one_answer(_dense(_asked(step, codes)), len(new), step, "a number")
    is_level = graph.add("Equal", tensor, graph.constant(known[None, :]))
    missing = graph.add("Cast", graph.add("IsNaN", tensor), to=11)
    # Half a vote for "new": it wins where there is no other.
    half = graph.add("Mul", missing, graph.constant(np.array(0.0)))
    half = graph.add("Add", half, graph.constant(np.array(0.5)))
    votes = graph.matrix([graph.add("Cast", is_level, to=11), missing, half])
    return _looked_up(graph, table, graph.add("ArgMax", votes, axis=1)), table.shape[1]


def _looked_up(graph: Graph, table: NDArray[Any], row: str) -> str:
    import numpy as np

    picked = graph.add("Gather", graph.constant(table), row, axis=0)
    return graph.add("Squeeze", picked, graph.constant(np.array([1], np.int64)))


def _new_levels(levels: Sequence[str]) -> list[str]:
    """Return texts that are no level, some of them made of levels: who reads them, shows it."""
    first, last = (levels[0], levels[-1]) if levels else ("a", "b")
    tried = [
        "\N{REPLACEMENT CHARACTER}",
        f"{first} {last}",
        f"{last}{first}",
        last[: len(last) // 2],
    ]
    return [text for text in dict.fromkeys(tried) if text and text not in levels]


def _answers(
    step: Any, columns: list[str], at: int, asked: list[Any], rows: pd.DataFrame
) -> NDArray[Any]:
    """Return what a step makes of the values of one column, beside the first row of the others."""
    import numpy as np
    import pandas as pd

    others = {name: [rows[name].iloc[0]] * len(asked) for name in columns}
    frame = pd.DataFrame({**others, columns[at]: asked}, dtype=object)
    found = _dense(_asked(step, frame))
    if found.size > _MOST_CELLS:
        raise NotConvertibleError(
            f"'{columns[at]}' has {len(asked):,} levels of {found.shape[1]:,} features: too many"
        )
    return np.asarray(found, np.float64)


def _asked(step: Any, values: Any) -> Any:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return step.transform(values)
    except (ValueError, TypeError) as error:
        # Not in the library's words: it lists a set, in another order each time.
        what = f"{_name(step)} refuses new levels or missing ones, which a graph cannot"
        raise NotConvertibleError(what) from error


def _with_one_answer(answers: NDArray[Any], new: int, step: Any, name: str) -> NDArray[Any]:
    """Return a row for each level, for missing and for new, if there is one answer for new."""
    import numpy as np

    of_new = answers[-new:]
    if not np.array_equal(of_new, np.broadcast_to(of_new[:1], of_new.shape), equal_nan=True):
        raise NotConvertibleError(
            f"what {_name(step)} makes of a new level of {name} depends on its text"
        )
    return answers[: len(answers) - new + 1]


def _dense(found: Any) -> NDArray[Any]:
    import numpy as np

    return np.asarray(found.toarray() if hasattr(found, "toarray") else found, np.float64)


def _name(step: Any) -> str:
    last = step.steps[-1][1] if hasattr(step, "steps") else step
    return type(last).__name__
