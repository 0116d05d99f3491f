"""A column as the doctor sees it: its distinct values in order, and which of them each row has.

All that is counted is then counted over integers, which is exact whatever the order of the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    import pyarrow as pa

    Levels: TypeAlias = pa.Array
else:
    Levels = Any  # pyarrow loads when the first column is read

__all__ = ["Column", "encode"]


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the rows.

    Attributes
    ----------
    name : str
    kind : str
        number, category, text, date or boolean.
    levels : pyarrow array, shape (g,)
        Its distinct values, ascending.
    codes : array of int64, shape (n,)
        The place of each row's value in `levels`; −1 where there is none.
    """

    name: str
    kind: str
    levels: Levels
    codes: Array

    @property
    def present(self) -> Array:
        """Which rows have a value."""
        return self.codes >= 0

    @property
    def counts(self) -> Array:
        """How many rows have each level."""
        import numpy as np

        return np.bincount(self.codes[self.present], minlength=len(self.levels))

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers by type."""
        from pyarrow import types

        kind = self.levels.type
        return bool(types.is_integer(kind) or types.is_floating(kind)) and self.kind != "boolean"

    @property
    def is_integer(self) -> bool:
        """Whether its values are integers by type."""
        from pyarrow import types

        return bool(types.is_integer(self.levels.type)) and self.kind != "boolean"

    @property
    def is_string(self) -> bool:
        """Whether its values are strings by type."""
        from pyarrow import types

        kind = self.levels.type
        return bool(types.is_string(kind) or types.is_large_string(kind))

    @property
    def is_ordered(self) -> bool:
        """Whether greater means something: numbers, dates and booleans."""
        return not self.is_string

    def every(self, step: int) -> Column:
        """Return the column of every so-manieth row, with the levels that are left."""
        import numpy as np

        codes = self.codes[::step]
        kept, place = np.unique(codes[codes >= 0], return_inverse=True)
        fewer = np.full(len(codes), -1, np.int64)
        fewer[codes >= 0] = place
        return Column(self.name, self.kind, self.levels.take(kept), fewer)

    def value(self, code: int) -> Any:
        """Return a level as a Python value."""
        return self.levels[int(code)].as_py()


def encode(name: str, kind: str, values: pa.ChunkedArray) -> Column:
    """Encode the values of a column; NaN counts as missing, and −0 as 0.

    Parameters
    ----------
    values : pyarrow chunked array, shape (n,)
        Numbers, strings, booleans, dates or timestamps.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_decimal(values.type) or types.is_float16(values.type):
        values = pc.cast(values, pa.float64())
    if types.is_boolean(values.type):
        kind, values = "boolean", pc.cast(values, pa.int8())
    if types.is_floating(values.type):
        values = pc.add(pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values), 0.0)
    whole = values.combine_chunks()
    codes = np.full(len(whole), -1, np.int64)
    there = whole.is_valid().to_numpy(zero_copy_only=False)
    if types.is_string(whole.type) or types.is_large_string(whole.type):
        levels, codes[there] = _strings(whole.drop_null())
    else:
        present = whole.drop_null().to_numpy(zero_copy_only=False)
        distinct, codes[there] = np.unique(present, return_inverse=True)
        levels = pa.array(distinct).cast(whole.type)
    return Column(name, kind, levels, codes)


def _strings(values: pa.Array) -> tuple[pa.Array, Array]:
    """Return the distinct strings, ascending, and the place of each value among them."""
    import numpy as np
    import pyarrow.compute as pc

    found = pc.dictionary_encode(values)
    order = pc.sort_indices(found.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return found.dictionary.take(order), place[found.indices.to_numpy(zero_copy_only=False)]
