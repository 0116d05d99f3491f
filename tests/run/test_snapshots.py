"""What a partly changed source leaves: kept files are brought along, gone ones are not."""

import pytest

from mlpipe.ingest.fetch import Fetched
from mlpipe.run import snapshots
from mlpipe.run.store import Store

FACTS = {"when": "2026-11-26T10:00:00Z", "url": "s3://b/*", "address": "a"}


@pytest.fixture
def place(tmp_path):
    """Return a function that places files, with those of the last time in ``kept``."""
    store = Store(tmp_path / "runs")
    home = store.root / "fetched" / "id"

    def place(written, kept=(), before=None):
        with store.session() as session:
            staged = session.staging()
            for name, text in written.items():
                (staged / name).write_text(text)
            fetched = Fetched({name: {} for name in (*written, *kept)}, frozenset(kept))
            found = snapshots.place(
                store, session, staged, fetched, before, home=home, facts=FACTS, hive=False
            )
            again = snapshots.last(store, session, home, hive=False)
            assert again is not None
            assert again.facts == found.facts
            return again

    return place


def _texts(snapshot):
    return {path.name: path.read_text() for path in snapshot.folder.iterdir()}


def test_kept_files_come_along_and_changed_ones_are_new(place):
    first = place({"a": "1", "b": "2"})
    second = place({"b": "22"}, ["a"], first)
    assert _texts(second) == {"a": "1", "b": "22"}
    assert _texts(first) == {"a": "1", "b": "2"}


def test_a_set_that_shrank_is_another_content(place):
    first = place({"a": "1", "b": "2"})
    second = place({}, ["a"], first)
    assert _texts(second) == {"a": "1"}
    assert second.content != first.content


def test_the_same_files_are_the_same_content(place):
    first = place({"a": "1"})
    assert place({}, ["a"], first).content == first.content
    assert place({"a": "1"}).content == first.content


def test_names_are_part_of_the_content(place):
    assert place({"a": "1"}).content != place({"b": "1"}).content
