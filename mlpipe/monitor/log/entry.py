"""What a line of the prediction log says: one request that a model answered, or did not."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["FAILURES", "STATUSES", "VERSION", "Answered", "Entry", "Status"]

VERSION: Final = 1
Status = Literal["ok", "invalid", "error", "overloaded", "timeout"]
STATUSES: tuple[Status, ...] = ("ok", "invalid", "error", "overloaded", "timeout")
FAILURES: tuple[Status, ...] = ("error", "overloaded", "timeout")
"""What counts against an objective; an invalid request is the caller's to mend."""


def _utc(time: datetime) -> datetime:
    if time.utcoffset() != timedelta(0):
        raise ValueError("expected a time in UTC, as 2026-11-26T08:30:00.123456Z")
    return time.astimezone(UTC)


class _Line(BaseModel):
    """Fields that are not known are ignored: a later writer may say more."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Answered(_Line):
    """The model that answered."""

    name: Annotated[str, Field(min_length=1)]
    """Name of the pipeline."""
    version: Annotated[str, Field(min_length=1)]
    """Version in the registry, or the run that made it."""
    digest: Annotated[str, Field(min_length=1)]
    """Digest of the bundle: what really answered."""


class Entry(_Line):
    """One request."""

    log_version: Literal[1] = VERSION
    """Version of this schema; a reader refuses one that it does not know."""
    id: Annotated[str, Field(min_length=1)]
    """The request; one that is there twice counts once."""
    time: Annotated[datetime, AfterValidator(_utc)]
    """When it arrived, in UTC."""
    model: Answered
    """What answered."""
    rows: Annotated[int, Field(ge=0, lt=2**63, strict=True)]
    """How many rows it asked for."""
    latency_ms: Annotated[float, Field(ge=0, strict=True)]
    """From its arrival to the last byte of the answer."""
    status: Status
    """How it ended."""
    code: Annotated[int, Field(ge=100, le=599, strict=True)]
    """The HTTP code of the answer."""
    process: Annotated[str, Field(min_length=1)]
    """Names one start of the server: a new one is a restart."""
    memory_mb: Annotated[float, Field(ge=0, strict=True)] | None = None
    """What the process held, in MiB."""
    features: tuple[dict[str, Any], ...] | None = None
    """By choice, the rows that were asked for."""
    scores: tuple[float | dict[str, float] | None, ...] | None = None
    """By choice, the answer for each row: a score, or one for each class."""

    def line(self) -> str:
        """Write it as a line of JSON, without the line feed."""
        return self.model_dump_json(exclude_none=True)
