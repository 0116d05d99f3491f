"""Garbage collection: what no kept run refers to and no running command uses.

Nothing here asks the clock: the age of a run is its number.
"""

import os
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.disk import explained, remove
from mlpipe.errors import Problem, SpecError
from mlpipe.run import folders, snapshots
from mlpipe.run.lock import exclusive, open_lock, take
from mlpipe.run.session import pinned

if TYPE_CHECKING:
    from mlpipe.run.store import Store

__all__ = ["Collected", "gc"]


@dataclass(frozen=True)
class Collected:
    """What was removed, or would be.

    Attributes
    ----------
    runs : tuple of str
        As ``churn/0007-3f9a``.
    artifacts : tuple of str
        As ``train/KEY``.
    damaged : tuple of str
        Names in ``damaged/``.
    size : int
        Bytes of all of them.
    fetched : tuple of str
        Snapshots of remote sources that are not the newest, as ``ID/CONTENT``.
    """

    runs: tuple[str, ...]
    artifacts: tuple[str, ...]
    damaged: tuple[str, ...]
    size: int
    fetched: tuple[str, ...] = ()


def gc(store: "Store", keep: int, *, dry_run: bool = False) -> Collected:
    """Remove old runs, artifacts that no kept run refers to, old snapshots, and what is damaged.

    Parameters
    ----------
    store : Store
        The run directory.
    keep : int
        How many runs of each pipeline stay: the last ones, and the one that ``latest`` names.
    dry_run : bool
        Whether to say only what would go.

    Raises
    ------
    SpecError
        For a ``keep`` below 1.
    StoreError
        For a fault of the disk; what was not removed is whole.
    """
    if keep < 1:
        raise SpecError(Problem(f"expected at least 1, not {keep}", key="--keep"))
    if not (store.root / "FORMAT").exists():
        return Collected((), (), (), 0)
    if not dry_run:
        store.recover()
    with store.session() as session, explained("cannot collect garbage", store.root):
        # While this is held no command can pin an artifact; moving takes moments, deleting does
        # not, and is done afterwards.
        with exclusive(store.root / "locks" / "gc.lock"):
            doomed, collected = _doomed(store, keep)
            if not dry_run:
                _move(doomed, session.staging())
                _drop_locks(store)
        return collected


def _doomed(store: "Store", keep: int) -> tuple[list[Path], Collected]:
    # In this order: a command that writes its run and then lets go of its pins is seen either way.
    needed = pinned(store.root)
    old_runs = []
    for name, group in groupby(store.runs(), key=lambda entry: entry.name):
        entries = list(group)
        last = {entry.run for entry in entries[-keep:]} | {store.latest(name)}
        old_runs += [entry for entry in entries if entry.run not in last]
        kept = (entry for entry in entries if entry.run in last)
        needed = needed.union(*(folders.references(entry.path) for entry in kept))
    loose = [pair for pair in store.artifacts() if pair not in needed]
    stale = [
        (name, path)
        for name, path in snapshots.older(store.root)
        if (snapshots.FOLDER, name) not in needed
    ]
    damaged = sorted((store.root / "damaged").iterdir())
    paths = [entry.path for entry in old_runs]
    paths += [store.root.joinpath("artifacts", *pair) for pair in loose]
    paths += [path for _, path in stale]
    return paths + damaged, Collected(
        tuple(f"{entry.name}/{entry.run}" for entry in old_runs),
        tuple("/".join(pair) for pair in loose),
        tuple(path.name for path in damaged),
        sum(map(_size, paths + damaged)),
        tuple(name for name, _ in stale),
    )


def _move(doomed: list[Path], trash: Path) -> None:
    """Take everything out of the store by renames; the session removes it when it closes."""
    for number, path in enumerate(doomed):
        os.rename(path, trash / str(number))


def _drop_locks(store: "Store") -> None:
    """Remove lock files of artifacts that are not there, unless somebody holds them."""
    names = {f"{step}-{key}.lock" for step, key in store.artifacts()}
    for path in (store.root / "locks").glob("*-*.lock"):
        if path.name in names or path.name.endswith(".run.lock") or path.is_symlink():
            continue
        descriptor = open_lock(path, create=False)
        try:
            if take(descriptor):
                remove(path)
        finally:
            os.close(descriptor)


def _size(path: Path) -> int:
    if path.is_symlink() or path.is_file():
        return path.lstat().st_size
    walked = (Path(top, name) for top, _, names in os.walk(path) for name in names)
    return sum(file.lstat().st_size for file in walked)
