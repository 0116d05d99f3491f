"""The times of a frame, whether it holds them as times or as dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["stamps"]


def stamps(values: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return when rows were known, shape (n,), without a zone; None where the column is no time.

    A frame holds dates as objects, which pandas takes for no time. What is none is NaT.

    >>> import datetime, pandas
    >>> stamps(pandas.Series([datetime.date(2026, 1, 1), None])).isna().tolist()
    [False, True]
    >>> stamps(pandas.Series(["2026-01-01"])) is None
    True
    """
    import pandas as pd

    if pd.api.types.infer_dtype(values, skipna=True) not in ("date", "datetime", "datetime64"):
        return None
    return pd.to_datetime(values, errors="coerce").dt.tz_localize(None)
