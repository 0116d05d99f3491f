"""The store: artifacts and runs in a folder, put once, verified at every look.

::

    runs/
      FORMAT                    ``mlpipe runs 1``; a folder without it is not ours
      artifacts/STEP/KEY/       manifest.json and files, written once, read-only
      NAME/0007-3f9a/           run.json, and a relative link per step to its artifact
      NAME/latest               a text file: 0007-3f9a
      tmp/  locks/  damaged/    work in progress, advisory locks, what failed its digest
      fetched/ID/               snapshots of remote sources
      stat.json                 the stat cache; may be deleted at any time

Files are the truth; nothing else has to be kept in step with them. Importing this module loads
nothing heavy: a command with nothing to do goes through it.
"""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from mlpipe.disk import READ_ONLY, explained, make_folder, remove, sync
from mlpipe.run import artifacts as contents
from mlpipe.run import folders
from mlpipe.run.artifacts import DamageError, plain_json
from mlpipe.run.digests import StatCache
from mlpipe.run.folders import RunEntry
from mlpipe.run.layout import FORMAT, open_root
from mlpipe.run.lock import exclusive, waiting_lock
from mlpipe.run.manifest import NAME as MANIFEST
from mlpipe.run.manifest import Artifact, Manifest, ManifestError
from mlpipe.run.session import Session, pinned, recover

__all__ = ["FORMAT", "Artifact", "RunEntry", "Session", "Store"]

OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
"""What a rename answers where something stands already."""


class Store:
    """A run directory.

    Parameters
    ----------
    root : Path
        The folder, usually ``runs``.
    create : bool
        Whether to make it where there is none; without, a missing one is an empty one.

    Attributes
    ----------
    digests : StatCache
        Digests of files, for sources as well as artifacts.
    damaged : list of str
        What this object found damaged and set aside, in words.

    Raises
    ------
    StoreError
        For a folder that is not ours, one that a newer mlpipe wrote, or a fault of the disk.
    """

    def __init__(self, root: Path, *, create: bool = True) -> None:
        self.root = Path(root)
        self.damaged: list[str] = []
        self._session: Session | None = None
        with explained("cannot open the run directory", self.root, anywhere=True):
            open_root(self.root, create=create)
        self.digests = StatCache(self.root / "stat.json")

    def path(self, step: str, key: str) -> Path:
        """Return the folder of an artifact, whether or not it is there."""
        return contents.place(self.root, step, key)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Hold on to every artifact looked up or put inside, so that ``gc`` leaves them.

        A command opens one around everything it does; one inside another is the same one.
        """
        if self._session is not None:
            yield self._session
            return
        with explained("cannot use the run directory", self.root):
            self._session = Session(self.root)
        try:
            yield self._session
        finally:
            session, self._session = self._session, None
            self.digests.save()
            with explained("cannot clean up", self.root):
                session.close()

    def find(self, step: str, key: str, *, afresh: bool = False) -> Artifact | None:
        """Return an intact artifact, or None.

        One that does not match its manifest is moved to ``damaged/``, or left where it is if
        the store is read-only; it is never returned.

        Parameters
        ----------
        step, key : str
            The name of the step and the digest of everything that goes in.
        afresh : bool
            Read every byte, whatever the stat cache says.

        Raises
        ------
        StoreError
            Where the disk or the permissions keep us from reading it.
        """
        with explained(f"cannot read the artifact of {step}", self.root):
            if self._session is not None:
                self._session.pin(step, key)
            try:
                return contents.read(self.root, step, key, self.digests, afresh=afresh)
            except DamageError as damage:
                self.damaged.append(f"{step}: {damage}")
                return contents.set_aside(self.root, step, key, self.digests)

    def made_from(self, step: str, key: str) -> Mapping[str, Any] | None:
        """Return what an artifact was made from, whatever has become of its files."""
        try:
            text = (self.path(step, key) / MANIFEST).read_bytes()
            return Manifest.from_json(text).made_from
        except (OSError, ManifestError):
            return None

    def put(
        self,
        step: str,
        key: str,
        made_from: Mapping[str, Any],
        write: Callable[[Path], Mapping[str, Any]],
        *,
        replace: bool = False,
    ) -> Artifact:
        """Store what ``write`` puts into the folder that it is given.

        Parameters
        ----------
        step, key : str
            The name of the step and the digest of everything that goes in.
        made_from : Mapping[str, Any]
            The ingredients of the key, flat.
        write : callable
            Fills the folder and returns the summary.
        replace : bool
            Whether to replace an artifact that is there already and has other content. One that
            another running command has looked up stays.

        Returns
        -------
        Artifact
            The one in the store: somebody else's where that was there first.

        Raises
        ------
        StoreError
            For a full disk and the like; the store is as it was before.
        """
        place = self.path(step, key)
        doing = f"cannot store the artifact of {step}"
        with self.session() as session, explained(doing, self.root):
            session.pin(step, key)
            staged = session.staging()
            try:
                manifest = Manifest(step, key, {}, made_from, write(staged))
                manifest = contents.seal_artifact(staged, manifest, self.digests)
                make_folder(place.parent)
                return self._place(staged, Artifact(place, manifest), replace=replace)
            finally:
                _tidy(staged)

    def lock(
        self, step: str, key: str, on_wait: Callable[[str], None] | None = None
    ) -> AbstractContextManager[None]:
        """Hold the right to compute an artifact; look again for it once you have it.

        Parameters
        ----------
        step, key : str
            The artifact.
        on_wait : callable, optional
            Called once with words for the holder where there is one.
        """
        return self._locked(f"{folders.plain(step)}-{folders.plain(key)}", on_wait)

    def recover(self) -> list[str]:
        """Clear away what dead commands left behind; a read-only store is left as it is."""
        with explained("cannot clean up", self.root):
            try:
                return recover(self.root)
            except OSError as error:
                if error.errno not in READ_ONLY:
                    raise
                return []

    def write_run(
        self,
        name: str,
        record: Mapping[str, Any],
        artifacts: Mapping[str, Artifact],
        texts: Mapping[str, str | bytes] | None = None,
    ) -> Path:
        """Write the record of a run as the next one of its name, and make it the latest.

        Parameters
        ----------
        name : str
            The pipeline.
        record : Mapping[str, Any]
            What ``run.json`` says; ``artifacts``, ``run``, ``format`` and ``digest`` are added.
        artifacts : Mapping[str, Artifact]
            By step: each gets a relative link.
        texts : Mapping[str, str | bytes], optional
            Further files by name, such as ``report.html``.

        Returns
        -------
        Path
            ``runs/NAME/0007-3f9a``.
        """
        home = self.root / folders.pipeline_name(name)
        document = folders.document(plain_json(record, "run record"), artifacts)
        with (
            self.session() as session,
            explained(f"cannot write the run of {name}", self.root),
            self._locked(f"{name}.run"),
        ):
            for artifact in artifacts.values():
                session.pin(artifact.step, artifact.key)
            make_folder(home)
            return folders.write(home, document, artifacts, texts or {}, session.staging())

    def runs(self, name: str | None = None) -> list[RunEntry]:
        """Return the runs of one pipeline or of all, oldest first within each."""
        with explained("cannot list the runs", self.root):
            return folders.runs(self.root, name)

    def latest(self, name: str) -> str | None:
        """Return the id of the latest run of a pipeline; None where there is none."""
        with explained("cannot read the latest run", self.root):
            return folders.latest(self.root, name)

    def read_run(self, name: str, run: str = "latest") -> dict[str, Any]:
        """Return the record of a run as it was written.

        Raises
        ------
        SpecError
            Where there is no such run.
        StoreError
            Where the record is damaged.
        """
        with explained(f"cannot read run {run} of {name}", self.root):
            return folders.read(self.root, name, run)

    def artifacts(self) -> list[tuple[str, str]]:
        """Return (step, key) of every artifact, unverified, sorted."""
        found = (self.root / "artifacts").glob("*/*")
        return sorted((path.parent.name, path.name) for path in found)

    def _locked(
        self, name: str, on_wait: Callable[[str], None] | None = None
    ) -> AbstractContextManager[None]:
        return waiting_lock(self.root / "locks" / f"{name}.lock", on_wait)

    def _place(self, staged: Path, new: Artifact, *, replace: bool) -> Artifact:
        """Rename a finished artifact into place; an intact one that is there already wins."""
        for last in (False, False, True):  # a damaged one in the way is moved, and it tries again
            try:
                os.rename(staged, new.path)
            except OSError as error:
                if last or error.errno not in OCCUPIED:
                    raise
            else:
                break
            old = self.find(new.step, new.key)
            if old is not None:
                other = replace and old.digest != new.digest
                return self._replaced(staged, old, new) if other else old
        sync(new.path.parent)
        return new

    def _replaced(self, staged: Path, old: Artifact, new: Artifact) -> Artifact:
        with self.session() as session, exclusive(self.root / "locks" / "gc.lock"):
            if (old.step, old.key) in pinned(self.root, but=session.name):
                return old
            aside = session.set_aside(old.path, old.step, old.key)
            try:
                os.rename(staged, new.path)
            except OSError:
                os.rename(aside, old.path)
                raise
            sync(new.path.parent)
        return new


def _tidy(staged: Path) -> None:
    """Remove what is left of a staging folder; what cannot be removed now `recover` removes."""
    try:
        remove(staged)
    except OSError:
        return
