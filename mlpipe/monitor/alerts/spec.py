"""The words of alerts: `monitor.silence`, `monitor.alerts` and `monitor.host`."""

import re
from datetime import date
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.spec.secret import names_in
from mlpipe.table.duration import Duration, parse

__all__ = ["Alerts", "Host", "Silence", "Webhook"]

_LONGEST = 300
"""Seconds that one attempt may take at most."""


def _a_date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        what = {"text": text, "hint": 'for example "2026-12-31"'}
        raise PydanticCustomError("silence_until", "'{text}' is not a day", what) from error
    return text


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise PydanticCustomError("one_line", "expected a line of text", {"hint": "say why"})
    return text


def _of_the_web(url: str) -> str:
    if names_in(url):  # what it is, is known once its secret is in place
        return url
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        known = False
    if not known or re.search(r"[\x00-\x20\x7f]", url):
        raise PydanticCustomError(
            "webhook_url", "expected a URL of http or https", {"hint": "url: ${secret:HOOK}"}
        )
    return url


def _short(text: str) -> str:
    if not 1 <= parse(text).total_seconds() <= _LONGEST:
        raise PydanticCustomError("webhook_timeout", "expected 1s to 5m", {"hint": "timeout: 10s"})
    return text


def _a_textfile(path: str) -> str:
    if not path.endswith(".prom") or path.rpartition("/")[2] == ".prom":
        what = "expected the path of a file that ends in .prom"
        hint = "node_exporter's textfile collector reads no others: metrics/churn.prom"
        raise PydanticCustomError("textfile", what, {"hint": hint})
    return path


class Silence(Part):
    """An alert that is known, and fails nothing until a day."""

    what: Annotated[str, AfterValidator(_one_line)]
    """The name of a measure, or a pattern of them: drift.charges, drift.*."""
    until: Annotated[str, AfterValidator(_a_date)]
    """The last day of it."""
    reason: Annotated[str, AfterValidator(_one_line)]
    """Why; it stands beside the alert."""


class Webhook(Part):
    """An address that is told of alerts as JSON, once for each command."""

    url: Annotated[str, AfterValidator(_of_the_web)]
    """An http or https URL; a secret in it is written ${secret:NAME}."""
    on: Literal["alert", "warn", "always"] = "alert"
    """When: for alerts that are not silenced, for warnings too, or each time."""
    timeout: Annotated[Duration, AfterValidator(_short)] = "10s"
    """How long one attempt may take; all of them with their pauses, (retries + 1) times this."""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    """Attempts after one that found nobody, an error of the server (5xx), or 429."""
    allow_private: bool = False
    """Whether the address may be private, of this machine, or of the local link."""
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")], str] = Field(
        default_factory=dict
    )
    """Further headers; a secret in one is written ${secret:NAME}."""

    @property
    def seconds(self) -> float:
        """How long one attempt may take."""
        return parse(self.timeout).total_seconds()


class Alerts(Part):
    """Who is told once the steps are done; nothing of it is part of any key."""

    webhook: Webhook | None = None
    """An address that is told as JSON."""
    prometheus: Annotated[str, AfterValidator(_a_textfile)] | None = None
    """A file for node_exporter's textfile collector; written anew each time, as a whole."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.webhook is None and self.prometheus is None:
            what = "expected a webhook, a file for Prometheus, or both"
            hint = "alerts: {webhook: {url: ${secret:HOOK}}}"
            raise PydanticCustomError("nobody", what, {"hint": hint})
        return self


Share = Annotated[float, Field(gt=0, le=1)]


class Host(Part):
    """The machine that monitors: measured with each command, judged where there is a limit."""

    max_memory: Share | None = None
    """Share of the memory that may be in use."""
    max_disk: Share | None = None
    """Share of the disk of the run directory that may be in use."""
    max_load: Annotated[float, Field(gt=0)] | None = None
    """Load over five minutes, for each core."""
