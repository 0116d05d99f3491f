import hashlib
import json
import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError, SpecError
from mlpipe.run import digests
from mlpipe.run.digests import StatCache, check_unchanged, digest_json, sha256_file

SECOND = 1_000_000_000


class Clock:
    """Our clock, ahead of the kernel's by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = 0
        self.real = time.time_ns

    def __call__(self) -> int:
        return self.real() + self.ahead


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(digests.time, "time_ns", clock)
    return clock


@pytest.fixture
def reads(monkeypatch):
    """The paths whose content was read."""
    seen = []
    hash_file = digests._hash

    def counted(path):
        seen.append(path)
        return hash_file(path)

    monkeypatch.setattr(digests, "_hash", counted)
    return seen


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_has_the_digest_that_sha256sum_prints(tmp_path):
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    assert sha256_file(tmp_path / "a") == sha(data)


def test_values_that_mean_the_same_have_one_digest():
    assert digest_json({"a": 1, "b": (1, 2)}) == digest_json({"b": [1, 2], "a": 1})
    assert digest_json({"a": 1}) != digest_json({"a": 1.0})
    assert digest_json("ü") == sha(b'"\\u00fc"')


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [{"x": float("-inf")}]])
def test_nan_has_no_digest(value):
    with pytest.raises(ValueError, match="JSON compliant"):
        digest_json(value)


def test_a_folder_and_a_fifo_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(SpecError, match="expected a file"):
            sha256_file(path)


def test_a_missing_file_is_named_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match=str(tmp_path / "gone.csv")):
        sha256_file(Path("gone.csv"))


def test_a_circle_of_links_is_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(DataError, match="circle"):
        StatCache(tmp_path / "stat.json").digest(tmp_path / "a")


def test_a_file_that_may_not_be_read_is_refused():
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        secret = Path(name, "secret.csv")
        secret.write_text("a")
        secret.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            with pytest.raises(DataError, match="no permission"):
                StatCache(Path(name, "stat.json")).digest(secret)
        finally:
            if root:
                os.seteuid(0)


@pytest.mark.parametrize("how", ["append", "replace"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch, how):
    path = tmp_path / "growing.csv"
    path.write_bytes(b"a" * 10)
    read = hashlib.file_digest

    def interrupted(file, name):
        digest = read(file, name)
        if how == "append":
            with path.open("ab") as other:
                other.write(b"b")
        else:
            (tmp_path / "new").write_bytes(b"c" * 10)
            (tmp_path / "new").replace(path)
        return digest

    monkeypatch.setattr(hashlib, "file_digest", interrupted)
    with pytest.raises(DataError, match="changed while it was being read"):
        sha256_file(path)


def test_a_source_that_changed_after_its_digest_is_noticed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a")
    digest, stamp = StatCache(tmp_path / "stat.json").stamped(path)
    assert digest == sha(b"a")
    check_unchanged(path, stamp)
    path.write_text("bb")
    with pytest.raises(DataError, match="changed"):
        check_unchanged(path, stamp)


def test_a_file_at_rest_is_read_once(tmp_path, clock, reads):
    path = tmp_path / "a"
    path.write_text("a")
    clock.ahead = 3 * SECOND
    cache = StatCache(tmp_path / "stat.json")
    assert cache.digest(path) == cache.digest(path) == sha(b"a")
    cache.save()
    assert StatCache(tmp_path / "stat.json").digest(path) == sha(b"a")
    assert len(reads) == 1


def test_a_file_changed_in_the_last_two_seconds_is_read_each_time(tmp_path, clock, reads):
    path = tmp_path / "a"
    path.write_text("a")
    clock.ahead = SECOND
    cache = StatCache(tmp_path / "stat.json")
    cache.digest(path)
    cache.digest(path)
    clock.ahead = 3 * SECOND
    cache.digest(path)
    assert len(reads) == 3, "a digest taken too soon must not be remembered"


def test_a_file_of_our_own_is_vouched_for_once_it_is_two_seconds_old(tmp_path, clock, reads):
    path = tmp_path / "a"
    path.write_text("a")
    clock.ahead = SECOND
    cache = StatCache(tmp_path / "stat.json")
    cache.own(path)
    cache.content(path)
    assert len(reads) == 2
    clock.ahead = 3 * SECOND
    cache.content(path)
    assert len(reads) == 2, "what was put is not read again by the next command"


def test_putting_the_modification_time_back_hides_nothing(tmp_path, clock):
    path = tmp_path / "a"
    path.write_bytes(b"aaaa")
    time.sleep(0.02)
    clock.ahead = 3 * SECOND
    cache = StatCache(tmp_path / "stat.json")
    before = path.stat()
    cache.digest(path)
    path.write_bytes(b"aaab")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.digest(path) == sha(b"aaab")


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_that_is_a_year_off_changes_no_digest(tmp_path, clock, years):
    path = tmp_path / "a"
    path.write_bytes(b"a")
    clock.ahead = years * 365 * 24 * 3600 * SECOND
    cache = StatCache(tmp_path / "stat.json")
    assert cache.digest(path) == sha(b"a")
    time.sleep(0.02)
    path.write_bytes(b"b")
    assert cache.digest(path) == sha(b"b")


def test_concurrent_caches_are_merged(tmp_path, clock, reads):
    for name in "ab":
        (tmp_path / name).write_text(name)
    clock.ahead = 3 * SECOND
    one, two = StatCache(tmp_path / "stat.json"), StatCache(tmp_path / "stat.json")
    one.digest(tmp_path / "a")
    two.digest(tmp_path / "b")
    one.save()
    two.save()
    reads.clear()
    three = StatCache(tmp_path / "stat.json")
    assert (three.digest(tmp_path / "a"), three.digest(tmp_path / "b")) == (sha(b"a"), sha(b"b"))
    assert not reads
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "stat.json"]


def test_a_cache_file_with_any_bit_flipped_is_forgotten(tmp_path, clock, reads):
    path, kept = tmp_path / "a", tmp_path / "stat.json"
    path.write_text("a")
    clock.ahead = 3 * SECOND
    cache = StatCache(kept)
    cache.digest(path)
    cache.save()
    good = kept.read_bytes()
    for position in range(len(good)):
        torn = bytearray(good)
        torn[position] ^= 1
        kept.write_bytes(torn)
        assert StatCache(kept).digest(path) == sha(b"a")
    kept.write_bytes(good)
    reads.clear()
    assert StatCache(kept).digest(path) == sha(b"a")
    assert not reads


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"format": 1}', "[" * 100_000, "\x00"])
def test_a_cache_file_that_is_none_is_rebuilt(tmp_path, clock, text):
    (tmp_path / "a").write_text("a")
    (tmp_path / "stat.json").write_text(text)
    clock.ahead = 3 * SECOND
    cache = StatCache(tmp_path / "stat.json")
    assert cache.digest(tmp_path / "a") == sha(b"a")
    cache.save()
    assert json.loads((tmp_path / "stat.json").read_text())["format"] == 1


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path, clock):
    (tmp_path / "a").write_text("a")
    clock.ahead = 3 * SECOND
    cache = StatCache(tmp_path / "nowhere" / "stat.json")
    assert cache.digest(tmp_path / "a") == sha(b"a")
    cache.save()
    assert not (tmp_path / "nowhere").exists()


def test_the_cache_stays_small(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(digests, "LIMIT", 3)
    clock.ahead = 3 * SECOND
    cache = StatCache(tmp_path / "stat.json")
    for number in range(6):
        (tmp_path / f"f{number}").write_text("a")
        cache.digest(tmp_path / f"f{number}")
    cache.save()
    assert len(json.loads((tmp_path / "stat.json").read_text())["files"]) == 3


ACTIONS = st.one_of(
    st.tuples(st.just("write"), st.binary(max_size=4)),
    st.tuples(st.just("append"), st.binary(min_size=1, max_size=2)),
    st.tuples(st.just("swap"), st.binary(max_size=4)),
    st.tuples(st.just("back-dated"), st.binary(min_size=3, max_size=3)),
    st.tuples(st.sampled_from(["wait", "save", "load", "ask"]), st.none()),
)


@given(st.lists(ACTIONS, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_to_a_file_its_digest_is_that_of_its_content(actions):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(digests.time, "time_ns", clock)
        path, kept = Path(name, "a"), Path(name, "stat.json")
        path.write_bytes(b"abc")
        cache = StatCache(kept)
        for action, data in [*actions, ("ask", None)]:
            cache = _act(action, data, path, cache, clock)
            assert cache.digest(path) == sha(path.read_bytes())


def _act(action, data, path, cache, clock):
    before = path.stat()
    if action in ("write", "back-dated"):
        path.write_bytes(data)
    elif action == "append":
        path.write_bytes(path.read_bytes() + data)
    elif action == "swap":
        path.with_name("new").write_bytes(data)
        path.with_name("new").replace(path)
    elif action == "wait":
        time.sleep(0.012)  # the kernel's clock must move on too, by a tick
        clock.ahead += 3 * SECOND
    elif action == "save":
        cache.save()
    elif action == "load":
        return StatCache(cache.path)
    if action == "back-dated":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return cache
