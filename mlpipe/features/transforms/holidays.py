"""``holidays``: whether a date is a public holiday of a country, and how near the next one is."""

from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import Transform
from mlpipe.spec.suggest import did_you_mean

__all__ = ["PARTS", "HolidayPart", "Holidays"]

HolidayPart = Literal["is_holiday", "days_to", "days_since"]
PARTS: tuple[str, ...] = get_args(HolidayPart)


def _known_country(code: str) -> str:
    if code not in _countries():
        raise PydanticCustomError(
            "country",
            "'{code}' is not a country with known holidays; expected its two letters, such as DE",
            {"code": code, "hint": _meant(code)},
        )
    return code


class Holidays(Transform):
    """Say how a date stands to the public holidays of a country, days off in lieu included.

    Outside the years that the `holidays` package knows of a country, and where the date is
    missing, all parts are missing.
    """

    word: ClassVar[str] = "holidays"
    main: ClassVar[str | None] = "country"
    takes: ClassVar[frozenset[str]] = frozenset({"date"})
    distributions: ClassVar[tuple[str, ...]] = ("holidays",)

    country: Annotated[str, AfterValidator(_known_country)]
    """ISO 3166 code of two letters: DE."""
    subdivision: str | None = None
    """State or province with holidays of its own, by its code: BY."""
    parts: Annotated[tuple[HolidayPart, ...], Field(min_length=1)] = (
        "is_holiday",
        "days_to",
        "days_since",
    )
    """Which parts: 0 or 1; days to the next; days since the last; on a holiday both are 0."""

    @model_validator(mode="after")
    def _known_subdivision(self) -> Self:
        known = _countries()[self.country]
        if self.subdivision is not None and self.subdivision not in known:
            listed = f"the subdivisions are: {', '.join(known)}" if known else "leave it out"
            raise PydanticCustomError(
                "subdivision",
                "'{country}' has no subdivision '{code}' with holidays of its own",
                {
                    "country": self.country,
                    "code": self.subdivision,
                    "hint": did_you_mean(self.subdivision, known) or listed,
                },
            )
        return self

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `HolidayDistances`."""
        from mlpipe.features.estimators.holidays import HolidayDistances

        return HolidayDistances(
            country=self.country, subdivision=self.subdivision, parts=list(self.parts)
        )

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True


def _countries() -> dict[str, list[str]]:
    """Return the subdivisions of each country."""
    from holidays import list_supported_countries

    return list_supported_countries(include_aliases=False)


def _meant(code: str) -> str:
    """Return the code of a country that is written in small letters, as three, or by name."""
    from holidays.registry import COUNTRIES

    codes = {alias.lower(): names[1] for names in COUNTRIES.values() for alias in names[:3]}
    codes["uk"] = "GB"
    near = get_close_matches(code.lower().replace(" ", ""), codes, n=1, cutoff=0.75)
    return f"did you mean '{codes[near[0]]}'?" if near else ""
