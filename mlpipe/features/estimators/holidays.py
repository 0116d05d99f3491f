"""How dates stand to public holidays."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HolidayDistances"]

_PLACES = {"is_holiday": 0, "days_to": 1, "days_since": 2}


class HolidayDistances(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Whether each date is a holiday, days to the next one, and days since the last one.

    Nothing is learned: each row is looked up in the holidays of its own year and of those
    beside it, as the `holidays` package knows them, so that one row is as many.

    Parameters
    ----------
    country : str
        Two letters, as `holidays.country_holidays` takes it.
    subdivision : str, optional
        State or province.
    parts : list of {"is_holiday", "days_to", "days_since"}
        Which of them.
    """

    def __init__(
        self,
        country: str = "",
        subdivision: str | None = None,
        parts: list[str] | None = None,
    ) -> None:
        self.country = country
        self.subdivision = subdivision
        self.parts = parts

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the columns; nothing else is learned."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return an array of shape (n_rows, n_columns × parts); NaN where nothing is known."""
        check_is_fitted(self)
        wanted = [_PLACES[part] for part in self._parts()]
        return np.hstack([self._looked_up(X[name])[:, wanted] for name in self.feature_names_in_])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_part``, such as ``signup_days_to``."""
        check_is_fitted(self)
        names = [f"{column}_{part}" for column in self.feature_names_in_ for part in self._parts()]
        return np.asarray(names, dtype=object)

    def _parts(self) -> list[str]:
        return list(dict.fromkeys(self.parts or []))

    def _looked_up(self, dates: pd.Series[Any]) -> NDArray[np.float64]:
        """Return all three parts of each date: a day is looked up once, however many rows."""
        codes, known = pd.factorize(dates.dt.normalize())
        days = known.to_numpy().astype("datetime64[D]")
        years = days.astype("datetime64[Y]").astype(int) + 1970
        found = np.full((len(days) + 1, len(_PLACES)), np.nan)  # the last is for a missing date
        for year in np.unique(years):
            of_year = np.flatnonzero(years == year)
            found[of_year] = _distances(
                days[of_year], _around(self.country, self.subdivision, int(year))
            )
        return found[codes]


def _distances(
    days: NDArray[np.datetime64], known: NDArray[np.datetime64] | None
) -> NDArray[np.float64]:
    """Return the three parts of days of one year; NaN where the year or the neighbour is unknown.

    Parameters
    ----------
    days : array of datetime64[D], shape (n,)
    known : array of datetime64[D], ascending, or None
        The holidays of the year and of those beside it.
    """
    found = np.full((len(days), len(_PLACES)), np.nan)
    if known is None:
        return found
    following = np.searchsorted(known, days, side="left")
    preceding = np.searchsorted(known, days, side="right") - 1
    comes, went = following < len(known), preceding >= 0
    found[comes, 1] = (known[following[comes]] - days[comes]).astype(float)
    found[went, 2] = (days[went] - known[preceding[went]]).astype(float)
    found[:, 0] = found[:, 1] == 0
    return found


@lru_cache(maxsize=4096)
def _around(country: str, subdivision: str | None, year: int) -> NDArray[np.datetime64] | None:
    """Return the holidays of a year and those beside it; None for a year that nobody knows."""
    from holidays import country_holidays

    years = (year - 1, year, year + 1)
    known = country_holidays(country, subdiv=subdivision, years=years)
    if not known.start_year <= year <= known.end_year:
        return None
    days = np.array(sorted(day for day in known if day.year in years), dtype="datetime64[D]")
    days.flags.writeable = False
    return days
