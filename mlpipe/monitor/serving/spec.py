"""What is asked of the prediction log: `monitor.log`, `monitor.latency`, `monitor.health`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from mlpipe.checks.asked import in_reach
from mlpipe.spec.part import Part
from mlpipe.table.duration import parse

__all__ = ["Health", "Latency", "LogSource"]


def _a_duration(text: str) -> str:
    parse(text)
    return text


def _a_time(text: str) -> str:
    in_reach(datetime.fromisoformat(text))
    return text


class LogSource(Part):
    """The prediction log."""

    path: Annotated[str, Field(min_length=1)]
    """A file, a folder, or a pattern of JSON lines, rotated and packed ones among them."""
    as_of: Annotated[str, AfterValidator(_a_time)] | None = None
    """When the log was taken, in UTC; later times are in the future. Default: its last request."""
    minimum_requests: Annotated[int, Field(ge=2)] = 200
    """Chunks with fewer requests are `insufficient`."""

    @property
    def until(self) -> datetime | None:
        """When the log was taken, naive and in UTC."""
        if self.as_of is None:
            return None
        time = datetime.fromisoformat(self.as_of)
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


Milliseconds = Annotated[float, Field(gt=0)]


class Latency(Part):
    """Limits of latency, in milliseconds, over the requests that were answered or timed out."""

    p50_ms: Milliseconds | None = None
    """Half of the requests take at most this long."""
    p95_ms: Milliseconds | None = None
    """95 % of the requests take at most this long."""
    p99_ms: Milliseconds | None = None
    """99 % of the requests take at most this long."""

    @property
    def limited(self) -> bool:
        """Whether any limit is set."""
        return bool(self.model_dump(exclude_none=True))

    def limit(self, percent: int) -> float | None:
        """Return the limit of a percentile, where there is one."""
        found: float | None = getattr(self, f"p{percent}_ms")
        return found


class Health(Part):
    """Limits of errors, memory and silence."""

    max_error_rate: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Share of requests that may end in error, overloaded or timeout."""
    max_memory_mb: Annotated[float, Field(gt=0)] | None = None
    """What a process may hold, in MiB."""
    objective: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Share of requests that must not fail: the rest is the error budget that burns."""
    silent_for: Annotated[str, AfterValidator(_a_duration)] | None = None
    """How long there may be no request before `as_of`."""

    @property
    def limited(self) -> bool:
        """Whether any limit is set."""
        return bool(self.model_dump(exclude_none=True))

    @property
    def silence(self) -> timedelta | None:
        """How long there may be no request."""
        return parse(self.silent_for) if self.silent_for else None
