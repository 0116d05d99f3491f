"""The ``split`` section: which rows are learned from, tuned on and judged by."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.table.duration import Duration

__all__ = ["Share", "Since", "Split", "Where"]


def _iso(value: Any) -> Any:
    text = value.isoformat() if isinstance(value, date) else value
    if not isinstance(text, str):
        return text
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError(
            "iso_date",
            "'{text}' is not a date",
            {"text": text, "hint": 'write it as "2026-05-01" or "2026-05-01T12:00:00"'},
        ) from None
    return text


def _share(value: float) -> float:
    if not 0 <= value < 1:
        raise PydanticCustomError(
            "share", "a share lies between 0 and 1, not {value}", {"value": value}
        )
    return float(value)


class Since(Part):
    """From a moment on."""

    since: Annotated[str, BeforeValidator(_iso)]
    """The first date or time of the part, in ISO form."""


class Where(Part):
    """By a condition."""

    where: Annotated[str, Field(min_length=1)]
    """A condition in SQL over the columns of the table."""


Share = Annotated[float, AfterValidator(_share)]


def _form(value: Any) -> str | None:
    """Say which form a side is written in, so that only its own mistakes are told."""
    if isinstance(value, str):
        return "pattern"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "share"
    if isinstance(value, Since) or (isinstance(value, dict) and "since" in value):
        return "since"
    if isinstance(value, Where) or (isinstance(value, dict) and "where" in value):
        return "where"
    return None


Side = Annotated[
    Annotated[Share, Tag("share")]
    | Annotated[Since, Tag("since")]
    | Annotated[Where, Tag("where")]
    | Annotated[str, Tag("pattern")],
    Discriminator(
        _form,
        custom_error_type="side",
        custom_error_message="expected a share, since: date, where: sql, or a file pattern",
    ),
]


class Split(Part):
    """Which rows are learned from, tuned on and judged by; what is left is train."""

    by: Literal["time", "random", "group", "column", "file"] = "random"
    """How rows are parted."""
    test: Side = 0.2
    """The part that judges: a share, {since: date}, {where: sql}, or a file pattern."""
    valid: Side = 0.0
    """The part that is tuned on, in the same forms; 0 for none."""
    gap: Duration | None = None
    """Time left out before valid and before test, so that no target reaches over."""
    column: Annotated[str, Field(min_length=1)] | None = None
    """The column that parts rows: its values are train, valid, test; or the file column."""
    stratify: bool = False
    """Whether each class is parted in the same shares (by: random)."""

    @model_validator(mode="after")
    def _forms_fit(self) -> "Split":
        for key, side in (("test", self.test), ("valid", self.valid)):
            self._side_fits(key, side)
        if self.gap and self.by != "time":
            raise PydanticCustomError("gap", "gap is for `by: time`")
        if self.stratify and self.by != "random":
            raise PydanticCustomError("stratify", "stratify is for `by: random`")
        if self.by == "column" and self.column is None:
            raise PydanticCustomError(
                "column", "`by: column` needs `column`, whose values are train, valid, test"
            )
        if self.column is not None and self.by not in {"column", "file", "group"}:
            raise PydanticCustomError("column", "column is for `by: column`, `file` or `group`")
        if isinstance(self.test, float) and isinstance(self.valid, float):
            self._train_is_left(self.test + self.valid)
        return self

    def _side_fits(self, key: str, side: float | Since | Where | str) -> None:
        if isinstance(side, str) and self.by != "file":
            raise PydanticCustomError(
                "side",
                "{key}: expected a share, since: date or where: sql",
                {"key": key, "hint": "a file pattern is for `by: file`"},
            )
        if isinstance(side, Since) and self.by != "time":
            raise PydanticCustomError("side", "{key}: since is for `by: time`", {"key": key})
        if isinstance(side, Where) and self.by == "group":
            raise PydanticCustomError(
                "side", "{key}: a condition could part a group; use a share", {"key": key}
            )

    @staticmethod
    def _train_is_left(taken: float) -> None:
        if taken >= 1:
            raise PydanticCustomError(
                "share",
                "test and valid take {taken} of the rows; nothing is left to train on",
                {"taken": f"{taken:g}"},
            )
