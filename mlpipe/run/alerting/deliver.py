"""Telling others once the steps are done: once for each command that came as far as a report.

Nothing of it is in a step or a key. What cannot be delivered is said and changes no verdict.
"""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import MlpipeError
from mlpipe.monitor.alerts.exposition import exposition
from mlpipe.monitor.alerts.message import message, wanted
from mlpipe.run import receipt
from mlpipe.run.alerting.textfile import refuse_foreign, write_textfile
from mlpipe.run.alerting.webhook import Asked, NotToldError, host_of, post
from mlpipe.run.secrets import opened, opened_url

if TYPE_CHECKING:
    from mlpipe.monitor.alerts.spec import Alerts, Webhook
    from mlpipe.monitor.spec import Monitor
    from mlpipe.run.record import Work
    from mlpipe.run.result import Result

__all__ = ["check", "delivered", "is_anew"]


def is_anew(work: "Work") -> bool:
    """Whether the command has something to do each time, even where no step has."""
    spec = _spec(work)
    return spec is not None and (spec.alerts is not None or spec.host is not None)


def check(work: "Work") -> None:
    """Refuse, before anything is computed, a file that could not be written afterwards.

    Raises
    ------
    SpecError
        Where there is another file under its name.
    """
    spec = _spec(work)
    if spec is not None and spec.alerts is not None and spec.alerts.prometheus is not None:
        refuse_foreign(Path(spec.alerts.prometheus))


def delivered(work: "Work", report: Mapping[str, Any] | None, result: "Result") -> "Result":
    """Tell whom the spec names of a report, and return the result with what came of it.

    Parameters
    ----------
    work : Work
        The command.
    report : mapping or None
        Of monitor, with its alerts; None where the command came to none.
    result : Result
        Of the command, with its run and its page.

    Returns
    -------
    Result
        With ``answer.delivered``; a warning where a webhook could not be told. Where the file
        for Prometheus could not be written, with the problem and exit code 4.
    """
    spec = _spec(work)
    if report is None or spec is None or spec.alerts is None:
        return result
    said = list(_told(work, spec, spec.alerts, report, result))
    lines = [line for line, warning in said if not warning]
    warnings = (*result.warnings, *(line for line, warning in said if warning))
    result = replace(result, answer={**result.answer, "delivered": lines}, warnings=warnings)
    return _with_textfile(work, spec.alerts, report, result)


def _spec(work: "Work") -> "Monitor | None":
    monitors = any(step.name == "monitor" for step in work.steps)
    return work.loaded.pipeline.monitor if monitors else None


def _told(
    work: "Work", spec: "Monitor", alerts: "Alerts", report: Mapping[str, Any], result: "Result"
) -> Iterator[tuple[str, bool]]:
    """Yield what came of the webhook: a line, and whether it is a warning."""
    webhook = alerts.webhook
    if webhook is None or not wanted(report, webhook.on):
        return
    document = message(
        report,
        pipeline=work.name,
        model=_model(work, result),
        run=result.run,
        as_of=spec.as_of or receipt.today(),
        page=result.page,
    )
    try:
        asked = _asked(webhook)
    except MlpipeError as error:  # a secret that is not defined
        yield f"the webhook was not told: {error.problems[0].message}", True
        return
    host = host_of(asked.url)
    try:
        answer = post(document, asked)
    except NotToldError as error:
        yield f"{host} was not told: {error}", True
    else:
        yield f"{host} was told ({answer.status})", False


def _asked(webhook: "Webhook") -> Asked:
    return Asked(
        url=opened_url(webhook.url),
        headers={name: opened(value) for name, value in webhook.headers.items()},
        timeout=webhook.seconds,
        retries=webhook.retries,
        allow_private=webhook.allow_private,
    )


def _with_textfile(
    work: "Work", alerts: "Alerts", report: Mapping[str, Any], result: "Result"
) -> "Result":
    if alerts.prometheus is None:
        return result
    text = exposition(
        report, pipeline=work.name, model=_model(work, result), when=round(time.time(), 3)
    )
    try:
        write_textfile(Path(alerts.prometheus), text)
    except MlpipeError as error:
        problems = (*result.problems, *(asdict(problem) for problem in error.problems))
        return replace(result, exit_code=error.exit_code, problems=problems)
    lines = [*result.answer.get("delivered", []), f"{os.path.normpath(alerts.prometheus)} written"]
    return replace(result, answer={**result.answer, "delivered": lines})


def _model(work: "Work", result: "Result") -> str:
    """Return which model it is, in a word: ``churn@3``, or the run that made it, or its folder."""
    return work.model_name or work.model or result.run
