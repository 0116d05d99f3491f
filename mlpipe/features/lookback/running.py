"""Statistics of all earlier rows: what old rows come to is kept in place of the rows.

Counts, extremes, the first value and the last time are the same whether rows are summed at once
or old ones before. Means and deviations are put together as in Chan, Golub & LeVeque (1983),
which agrees to rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.features.lookback.history import AS_OF, ENTITY, OLDER, RANK, ROWS, TIME
from mlpipe.features.lookback.reach import interval, reach, running

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import ibis.expr.types as ir

    from mlpipe.features.plan import LookBackColumn

__all__ = ["all_before", "statistic", "summarised"]

_NEEDS: dict[str, tuple[str, ...]] = {
    "count": ("count",),
    "sum": ("sum",),
    "mean": ("count", "mean"),
    "std": ("count", "mean", "squares"),
    "min": ("min",),
    "max": ("max",),
    "first": ("first",),
    "since_last": ("last_time",),
}
"""What has to be known of old rows for each statistic."""

_DAY = 86_400_000_000


def summarised(old: ir.Table, wanted: Sequence[LookBackColumn]) -> ir.Table:
    """Return what rows come to: one row an entity, with as many columns as are needed.

    Parameters
    ----------
    old : ibis table
        Rows with ``_entity``, ``_time``, ``_rank`` and the columns looked at.
    wanted : sequence of LookBackColumn
        Only those count that look at all earlier rows.
    """
    needed = {
        _kept(what, column): _part(old, column["column"], what)
        for column in running(wanted)
        for what in _NEEDS[column["does"]]
    }
    of_all = {ROWS: old.count(), AS_OF: old[TIME].max()}
    return old.group_by(ENTITY).aggregate(**of_all, **needed)


def statistic(rows: ir.Table, value: Any, name: str) -> Any:
    """Return a statistic of a window; missing values are left out."""
    if name == "std":
        return value.std(how="sample")
    if name in {"first", "last"}:
        return _at_end(rows, value, name)
    return getattr(value, name)()


def all_before(rows: ir.Table, column: LookBackColumn) -> Any:
    """Return a statistic of all earlier rows of ``rows``, and of the old ones if they have any."""
    import ibis

    shift = reach(column).shift
    by_time = {"group_by": [rows[ENTITY]], "order_by": [rows[TIME]]}
    # By time, rows of the same time all count or none does; else those before it do.
    window = (
        ibis.range_window(**by_time, preceding=(None, interval(shift)))
        if shift
        else ibis.window(
            group_by=[rows[ENTITY]], order_by=[rows[TIME], rows[RANK]], preceding=(None, 1)
        )
    )
    does = column["does"]

    def of(what: str) -> Any:
        return _part(rows, column["column"], what).over(window)

    if does == "since_last":
        last = _either(_old(rows, column, "last_time"), of("last_time"), lambda _, new: new)
        return rows[TIME].delta(last, unit="microsecond").cast("float64") / _DAY
    if AS_OF not in rows.columns:
        return statistic(rows, rows[column["column"]], does).over(window)
    together: Callable[..., Any] = _TOGETHER.get(does, _spread)
    return together(
        *(part for what in _NEEDS[does] for part in (_old(rows, column, what), of(what)))
    )


def _kept(what: str, column: LookBackColumn) -> str:
    return f"{OLDER}{what}_{column['column']}"


def _old(rows: ir.Table, column: LookBackColumn, what: str) -> Any:
    import ibis

    name = _kept(what, column)
    return rows[name] if name in rows.columns else ibis.null(rows[TIME].type())


def _part(rows: ir.Table, name: str, what: str) -> Any:
    value = rows[name]
    if what == "squares":
        return value.var(how="pop") * value.count()
    if what == "last_time":
        return rows[TIME].max(where=value.notnull())
    return statistic(rows, value, what)


def _at_end(rows: ir.Table, value: Any, name: str) -> Any:
    import ibis

    place = value.notnull().ifelse(rows[RANK], ibis.null("int64"))
    return value.argmin(place) if name == "first" else value.argmax(place)


def _either(old: Any, new: Any, both: Callable[[Any, Any], Any]) -> Any:
    """Put two parts together; where one has no values it is the other."""
    return old.isnull().ifelse(new, new.isnull().ifelse(old, both(old, new)))


def _count(old: Any, new: Any) -> Any:
    return old.fill_null(0) + new


def _mean(old_count: Any, new_count: Any, old: Any, new: Any) -> Any:
    count = _count(old_count, new_count)
    return _either(old, new, lambda one, two: one + (two - one) * (new_count / count))


def _spread(
    old_count: Any, new_count: Any, old_mean: Any, new_mean: Any, old: Any, new: Any
) -> Any:
    """Return the sample deviation out of counts, means and sums of squared distances."""
    import ibis

    count = _count(old_count, new_count)
    apart = new_mean - old_mean
    squares = _either(
        old, new, lambda one, two: one + two + apart * apart * (old_count * new_count / count)
    )
    return (count > 1).ifelse((squares / (count - 1)).sqrt(), ibis.null("float64"))


_TOGETHER: dict[str, Callable[..., Any]] = {
    "count": _count,
    "sum": lambda old, new: _either(old, new, lambda one, two: one + two),
    "mean": _mean,
    "min": lambda old, new: _either(old, new, lambda one, two: (one < two).ifelse(one, two)),
    "max": lambda old, new: _either(old, new, lambda one, two: (one > two).ifelse(one, two)),
    "first": lambda old, new: _either(old, new, lambda one, _: one),
}
"""How the parts of old and new rows make one statistic; `_spread` where none is named."""
