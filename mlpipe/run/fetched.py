"""Remote sources: fetched before keys are taken, and read by the steps as local files."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from mlpipe.disk import explained
from mlpipe.errors import DataError, Problem
from mlpipe.ingest.fetch import Before, UnreachableError, Wanted, fetch
from mlpipe.ingest.source import FETCHING, Source
from mlpipe.ingest.spec import Ingest
from mlpipe.pipeline import Pipeline, current_ingest
from mlpipe.run import snapshots
from mlpipe.run.digests import ChangedError, digest_json
from mlpipe.run.secrets import opened_source, secrets_of
from mlpipe.run.snapshots import Snapshot
from mlpipe.run.store import Store
from mlpipe.spec.secret import mask_text

__all__ = ["LABELS", "Remote", "kept", "localized", "localized_source", "without_fetching"]

LABELS = "ingest.labels"
"""How the labels are called among the sources; no source can have this name."""


class Remote:
    """The remote sources of one command: each is fetched once, when a step first asks.

    Parameters
    ----------
    store : Store
        Where snapshots are kept; its session is open.
    pipeline : Pipeline
        The spec.
    offline : bool
        Whether to use the last snapshots, whatever ``refresh`` says.
    when_ns : int
        When the command began.

    Attributes
    ----------
    warnings : list of str
        What is worth saying: which rows are those of an earlier day.
    """

    def __init__(self, store: Store, pipeline: Pipeline, *, offline: bool, when_ns: int) -> None:
        self._store = store
        self._pipeline = pipeline
        self._offline = offline
        moment = datetime.fromtimestamp(when_ns // 1_000_000_000, UTC)
        self._when = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
        self._known: dict[str, Snapshot] = {}
        self._used: dict[str, Snapshot] = {}
        self._live = False
        self.warnings: list[str] = []

    @property
    def is_live(self) -> bool:
        """Whether the answer rests on what a server says now, so that no receipt can give it."""
        return self._live

    @property
    def used(self) -> Mapping[str, Snapshot]:
        """The snapshots that steps asked for, by ``STEP NAME``."""
        return self._used

    def of(self, step: str) -> dict[str, Snapshot]:
        """Return the snapshots of a step's remote sources by name, fetched if need be.

        Raises
        ------
        SpecError
            For a URL, query or option that is wrong.
        DataError
            Where a source does not answer, or what it gives cannot be read exactly.
        """
        found = {}
        for name, key, source in _remote(self._pipeline, step):
            found[name] = self._snapshot(name, key, source)
            self._used[f"{step} {name}"] = found[name]
        return found

    def record(self) -> dict[str, Any]:
        """Return what the run says of the sources: URL, digests, etags, rows, when."""
        return {name: snapshot.record() for name, snapshot in self._used.items()}

    def _snapshot(self, name: str, key: str, source: Source) -> Snapshot:
        id_ = _identity(source)
        if id_ not in self._known:
            home = self._store.root / snapshots.FOLDER / id_
            with self._store.session() as session:
                last = snapshots.last(self._store, session, home, hive=source.hive)
                if self._offline:
                    self._known[id_] = self._earlier(last, name, key)
                elif source.refresh == "never" and last is not None:
                    self._known[id_] = last
                else:
                    self._live = self._live or source.refresh != "never"
                    self._known[id_] = self._fetched(source, key, last, id_)
        return self._known[id_]

    def _earlier(self, last: Snapshot | None, name: str, key: str) -> Snapshot:
        if last is None:
            hint = "run it once without --offline"
            raise DataError(Problem("nothing was fetched of it yet", key=key, hint=hint))
        self.warnings.append(f"offline: {name} is as it was fetched on {last.when}")
        return last

    def _fetched(self, source: Source, key: str, last: Snapshot | None, id_: str) -> Snapshot:
        home = self._store.root / snapshots.FOLDER / id_
        revealed, secrets = opened_source(source), secrets_of(source)
        address = mask_text(revealed.database or revealed.path or "")
        facts = {"when": self._when, "url": _shown(source), "address": _digest(address)}
        with (
            self._store.session() as session,
            explained("cannot keep what was fetched", self._store.root),
            self._store.lock(snapshots.FOLDER, id_),
        ):
            staged = session.staging()
            before = _before(last, facts["address"])
            wanted = Wanted(revealed, key, staged, before, secrets)
            try:
                fetched = fetch(wanted)
            except UnreachableError as error:
                what = f"{facts['url']} cannot be fetched: {wanted.hushed(str(error))}"
                raise DataError(Problem(what, key=key, hint=_hint(last))) from None
            return snapshots.place(
                self._store,
                session,
                staged,
                fetched,
                last,
                home=home,
                facts=facts,
                hive=source.hive,
            )


def kept(
    store: Store, pipeline: Pipeline, recorded: Mapping[str, Any]
) -> Callable[[str], dict[str, Snapshot]]:
    """Return the look-up of snapshots as a run recorded them; nothing is fetched.

    Parameters
    ----------
    store : Store
        Where they were kept.
    pipeline : Pipeline
        The spec of the run.
    recorded : mapping
        What `Remote.record` said.

    Raises
    ------
    DataError
        When a step asks for a snapshot that is gone or was changed.
    """

    def of(step: str) -> dict[str, Snapshot]:
        found = {}
        for name, key, source in _remote(pipeline, step):
            facts = recorded.get(f"{step} {name}")
            home = store.root / snapshots.FOLDER / _identity(source)
            snapshot = Snapshot(home, facts, source.hive) if facts else None
            if snapshot is None or not _is_intact(store, snapshot):
                what = f"cannot be rebuilt: what was fetched of {name} is gone"
                raise DataError(Problem(what, str(home), key))
            found[name] = snapshot
        return found

    return of


def _is_intact(store: Store, snapshot: Snapshot) -> bool:
    try:
        return all(
            store.digests.content(snapshot.folder / name)[0] == said["sha256"]
            for name, said in snapshot.facts["files"].items()
        )
    except (OSError, ChangedError):
        return False


def localized(section: Ingest, local: Mapping[str, str]) -> Ingest:
    """Return the section over the files of the snapshots.

    Parameters
    ----------
    section : Ingest
        With its secrets in place.
    local : mapping
        The path of each snapshot by the name of its source.
    """
    values = section.model_dump(mode="json", exclude_unset=True)
    for name, path in local.items():
        _put_in_place(values["labels"] if name == LABELS else values["sources"][name], path)
    return Ingest.read(values)


def localized_source(source: Source, path: str) -> Source:
    """Return a source over the files of its snapshot."""
    values = source.model_dump(mode="json", exclude_unset=True)
    _put_in_place(values, path)
    return Source.read(values)


def _put_in_place(source: dict[str, Any], path: str) -> None:
    if source.pop("database", None) is not None:
        source["format"] = "parquet"
    for field in ("query", "table", *FETCHING):
        source.pop(field, None)
    source["path"] = path


def without_fetching(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values of a section without how its sources are fetched.

    What came is in the key of a step by its digest; how it came changes nothing.
    """
    bare = {
        name: {key: value for key, value in source.items() if key not in FETCHING}
        for name, source in (values.get("sources") or {}).items()
    }
    labels = values.get("labels")
    if isinstance(labels, dict):
        labels = {key: value for key, value in labels.items() if key not in FETCHING}
    return {
        **values,
        **({"sources": bare} if bare else {}),
        **({"labels": labels} if labels else {}),
    }


def _remote(pipeline: Pipeline, step: str) -> Iterator[tuple[str, str, Source]]:
    """Yield name, place in the spec and source of each remote source of a step."""
    if step == "evaluate":
        yield from _remote_feedback(pipeline)
        return
    section, sources, labels = pipeline.ingest, "ingest.sources", "ingest.labels"
    if step == "current":
        found = current_ingest(pipeline)
        section = found if found is not None else section
        sources, labels = "monitor.current.sources", "monitor.labels"
    if step not in ("ingest", "current"):
        return
    for name, source in section.sources.items():
        if opened_source(source).is_remote:
            yield name, f"{sources}.{name}", source
    if section.labels is not None and opened_source(section.labels).is_remote:
        yield LABELS, labels, section.labels


def _remote_feedback(pipeline: Pipeline) -> Iterator[tuple[str, str, Source]]:
    for name, values in pipeline.evaluate.feedback_sources().items():
        source = Source.read(values)
        if opened_source(source).is_remote:
            yield name, f"evaluate.business.{name}.feedback", source


def _identity(source: Source) -> str:
    """Return what tells one source from another: nothing in it is secret."""
    types = sorted(source.types) if source.database is not None else []
    parts = (source.path, source.database, source.query, source.table, source.format)
    masked = [mask_text(part) if part else part for part in parts]
    return digest_json([*masked, types, source.hive])[:24]


def _shown(source: Source) -> str:
    return mask_text(source.database or source.path or "")


def _digest(text: str) -> str:
    return sha256(os.fsencode(text)).hexdigest()[:16]


def _before(last: Snapshot | None, address: str) -> Before | None:
    """Return what is known of the last fetch, where it was from the same address."""
    if last is None or last.facts["address"] != address:
        return None
    files = {
        name: {key: value for key, value in said.items() if key not in ("sha256", "bytes")}
        for name, said in last.facts["files"].items()
    }
    return Before(files, last.facts["alike"], last.facts["answer"])


def _hint(last: Snapshot | None) -> str:
    return f"`--offline` uses the rows fetched on {last.when}" if last else ""
