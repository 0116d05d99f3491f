"""A run, built again in a store of its own, and held against what it recorded step by step."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, MlpipeError, Problem
from mlpipe.pipeline import load, resolved_values
from mlpipe.run.champion import Champion, Champions
from mlpipe.run.code import source_closure
from mlpipe.run.engine import Engine, Outcome, Watch
from mlpipe.run.environment import environment, git_state
from mlpipe.run.execute import facts_of
from mlpipe.run.fetched import kept
from mlpipe.run.history import find_run
from mlpipe.run.named import trusted
from mlpipe.run.reproduce.compare import unequal
from mlpipe.run.reproduce.differences import Difference, between, of_environments, of_specs
from mlpipe.run.reproduce.recorded import Recorded, recorded
from mlpipe.run.store import Store

if TYPE_CHECKING:
    from mlpipe.run.store import Artifact

__all__ = ["Compared", "Reproduction", "reproduce"]

STATUSES = ("identical", "equal", "different")


@dataclass(frozen=True)
class Compared:
    """One step, then and now.

    Attributes
    ----------
    step : str
    status : str
        ``identical``, ``equal`` (every value within 1e-9) or ``different``.
    old, new : str
        The digests of what came out; empty where the step failed now.
    why : str
        The files that differ, or what went wrong.
    """

    step: str
    status: str
    old: str
    new: str
    why: str = ""


@dataclass(frozen=True)
class Reproduction:
    """What came of building a run again.

    Attributes
    ----------
    run : str
        ``churn/0007-3f9a``.
    steps : tuple of Compared
    differences : tuple of Difference
        What of the data, code and packages that the steps rest on is not as it was.
    notes : tuple of str
        What else differs, and was not used or does not count.
    """

    run: str
    steps: tuple[Compared, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def status(self) -> str:
        """``identical``, ``equal`` or ``different``: that of the step that came out worst."""
        return max((step.status for step in self.steps), key=STATUSES.index)

    @property
    def exit_code(self) -> int:
        """1 where a value differs; equal to rounding is a warning."""
        return int(self.status == "different")

    def to_json(self) -> dict[str, Any]:
        """Return the document for machines."""
        return {"status": self.status, "exit_code": self.exit_code, **asdict(self)}


def reproduce(runs_dir: Path, wanted: str, watch: Watch) -> Reproduction:
    """Build a run again from its record, in a clean temporary store.

    Parameters
    ----------
    runs_dir : Path
        Where the run is.
    wanted : str
        As for `find_run`.
    watch : Watch
        Told of each step.

    Raises
    ------
    DataError
        Where an input is gone, or a secret is not defined.
    StoreError
        Where the record is damaged.
    """
    store = Store(runs_dir, create=False)
    run = recorded(store, find_run(runs_dir, wanted))
    with tempfile.TemporaryDirectory(prefix="mlpipe-reproduce-") as scratch, store.session():
        clean = Store(Path(scratch) / "runs")
        with clean.session():
            outcome = _built(run, store, clean, watch)
            made = {name: found.manifest.made_from for name, found in outcome.artifacts.items()}
            differences = between(run.made_from, made, _code(run))
            steps = tuple(_compared(run, step.name, store, outcome) for step in run.steps)
    return Reproduction(run.called, steps, tuple(differences), tuple(_notes(run, differences)))


def _built(run: Recorded, store: Store, clean: Store, watch: Watch) -> Outcome:
    remote = kept(store, run.pipeline, run.record.get("sources", {}))
    champion = _champion(run)
    engine = Engine(
        store=clean,
        steps=run.steps,
        pipeline=run.pipeline,
        facts=facts_of(run.steps, run.pipeline, clean, remote, lambda _: champion),
        before={},
        forced=frozenset(),
        given=_given(run, store),
    )
    return engine.execute(watch)


def _given(run: Recorded, store: Store) -> "Mapping[str, Artifact]":
    """Return what the command was given and did not make: the model that a monitor used."""
    names = {step.name for step in run.steps}
    needed = {need for step in run.steps for need in step.needs} - names
    found = {name: store.find(name, run.links[name]["key"]) for name in needed if name in run.links}
    gone = sorted(name for name in needed if found.get(name) is None)
    if gone:
        hint = "mlpipe runs verify says what is damaged"
        what = f"cannot be rebuilt: its {', '.join(gone)} is gone"
        raise DataError(Problem(what, run.called, hint=hint))
    return {name: artifact for name, artifact in found.items() if artifact is not None}


def _champion(run: Recorded) -> Champion | None:
    """Return the champion that the run was compared with, whoever it is today."""
    name = run.pipeline.name
    mark = run.made_from.get("evaluate", {}).get(f"champion {name}")
    if mark is None:
        return None
    registry = run.record["request"].get("registry") or run.pipeline.registry
    found = Champions(Path(registry), name).recorded(mark)
    if found is None:
        what = f"cannot be rebuilt: the champion it was compared with, {mark}, is gone"
        raise DataError(Problem(what, run.called, hint=f"it was registered in {registry}"))
    return found


def _code(run: Recorded) -> list[str]:
    """Return the files of user code; one that cannot be read now is code all the same."""
    found: list[str] = []
    for step in run.steps:
        for path in step.code(run.pipeline):
            try:
                found += [str(file) for file in source_closure(Path(path))]
            except MlpipeError:
                found.append(path)
    return found


def _compared(run: Recorded, name: str, store: Store, outcome: Outcome) -> Compared:
    old, new = run.links[name]["digest"], outcome.artifacts.get(name)
    if new is None:
        done = next((each for each in outcome.done if each.step == name), None)
        return Compared(name, "different", old, "", done.why if done else "not built")
    if old == new.digest:
        return Compared(name, "identical", old, new.digest)
    before = store.find(name, run.links[name]["key"])
    if before is None or before.digest != old:
        return Compared(name, "different", old, new.digest, "what the run made is gone")
    was, now = before.manifest.files, new.manifest.files
    changed = sorted(file for file in {*was, *now} if was.get(file) != now.get(file))
    wrong = unequal(before.path, new.path, changed, _rows(run, store), trusted(run.pipeline))
    return Compared(
        name, "different" if wrong else "equal", old, new.digest, ", ".join(wrong or changed)
    )


def _rows(run: Recorded, store: Store) -> Path | None:
    """Return the table of features, whose rows models are compared on."""
    link = run.links.get("featurize")
    found = store.find("featurize", link["key"]) if link else None
    return found.path / "table.parquet" if found else None


def _notes(run: Recorded, known: list[Difference]) -> list[str]:
    notes = _of_the_file(run)
    others = list(of_environments(run.record["environment"], environment(), known))
    if others:
        shown = ", ".join(str(each).removeprefix("packages: ") for each in others[:3])
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        notes.append(f"packages that no step rests on differ: {shown}{more}")
    then, now = run.record["git"], git_state(Path.cwd())
    if then.get("commit") != now.get("commit"):
        notes.append(f"git: commit {_commit(then)} → {_commit(now)}")
    return notes


def _commit(state: Mapping[str, Any]) -> str:
    return f"{state['commit'][:12]}{' with changes' if state['dirty'] else ''}" if state else "none"


def _of_the_file(run: Recorded) -> list[str]:
    """Say what the spec file says otherwise today; the run's own spec was built."""
    request = run.record["request"]
    path = Path(request["spec"])
    try:
        today = load(
            path, profile=request["profile"], overrides=request["overrides"], environ=os.environ
        )
    except MlpipeError as error:
        return [f"spec: {path} cannot be loaded today, the recorded spec was used: {_first(error)}"]
    values = resolved_values(today)
    written = dict(run.record["spec"])
    for name in ("validate", "monitor"):
        if values[name] and written[name] and values[name]["as_of"] is None:
            written[name] = {**written[name], "as_of": None}  # then the day was that of the run
    found = of_specs(written, values)
    return [f"{each}: {path} says so today, the recorded value was used" for each in found]


def _first(error: MlpipeError) -> str:
    return error.problems[0].message
