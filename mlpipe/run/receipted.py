"""From a command that is done to its receipt: every file, day and package that it rested on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from mlpipe.run import receipt
from mlpipe.run.environment import package_folders, source_files
from mlpipe.run.registering import registry_files
from mlpipe.run.result import Done, Result
from mlpipe.run.tracked import NAME as TRACKED

if TYPE_CHECKING:
    from mlpipe.run.engine import Outcome
    from mlpipe.run.record import Work
    from mlpipe.run.remembered import Remembered

__all__ = ["keep_receipt"]


def keep_receipt(
    work: "Work", outcome: "Outcome", result: Result, began_ns: int, remembered: "Remembered"
) -> None:
    """Keep the answer of a command, unless it is past midnight and the answer that of yesterday.

    Parameters
    ----------
    work : Work
        The command.
    outcome : Outcome
        What executing its steps left.
    result : Result
        Its answer, with its run.
    began_ns : int
        When it began, in nanoseconds since 1970.
    remembered : Remembered
        What of earlier nights the answer rests on.
    """
    patterns = [pattern for step in work.steps for pattern in step.patterns(work.loaded.pipeline)]
    patterns += remembered.patterns
    inputs = [file for step in work.steps for file in step.files(work.loaded.pipeline)]
    kept = [
        artifact.path / name
        for artifact in outcome.artifacts.values()
        for name in (*artifact.manifest.files, "manifest.json")
    ]
    kept += [path for found in work.remote.used.values() for path in found.paths]
    kept += remembered.files
    days = _days(work)
    if days and days != [receipt.today()]:
        return
    root = work.store.root
    kept += [root / work.name / "latest"]
    kept += [root / result.run / name for name in ("run.json", TRACKED)]
    models = registry_files(work.request, work.loaded.pipeline, result)
    rests_on = receipt.Receipt(
        files=[*work.loaded.resolved.files, *inputs, *models, *source_files()],
        kept=kept,
        patterns=patterns,
        environment=work.loaded.resolved.environment,
        packages=package_folders(work.engine.facts.versions),
        days=days,
    )
    again = tuple(_as_reused(done) for done in result.steps)
    receipt.write(work.request, rests_on, replace(result, steps=again).to_json(), began_ns)


def _days(work: "Work") -> list[str]:
    """Return the days that ages and silences were counted from, where the spec names none."""
    pipeline, written = work.loaded.pipeline, work.loaded.resolved.values
    sections = {"validate": pipeline.validate_, "monitor": pipeline.monitor}
    days = {
        section.as_of
        for name, section in sections.items()
        if section and section.as_of and "as_of" not in (written.get(name) or {})
    }
    return sorted(days)


def _as_reused(done: Done) -> Done:
    if done.status != "computed":
        return done
    return replace(done, status="reused", why="nothing it depends on changed", seconds=0.0)
