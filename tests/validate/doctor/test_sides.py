"""What is on both sides of a split, and rows that repeat or contradict each other."""

import numpy as np
import pytest

from mlpipe.validate.doctor.conflicts import conflicting_labels
from mlpipe.validate.doctor.fingerprint import fingerprints
from mlpipe.validate.doctor.repeats import repeated_rows
from mlpipe.validate.doctor.sides import shared

N = 400
PART = np.where(np.arange(N) < 300, "train", "test")


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def kinds(found):
    return [each.kind for each in found]


@pytest.mark.parametrize(
    ("by", "severity"), [("random", "error"), ("group", "error"), ("column", "warn")]
)
def test_an_entity_on_both_sides(rows, rng, by, severity):
    entity = np.arange(N)
    entity[300:305] = [0, 0, 1, 7, 7]
    data = {"who": entity, "x": rng.normal(size=N)}
    (found,) = shared(rows(data, part=PART, by=by, entity="who"))
    assert (found.kind, found.severity) == ("shared_entity", severity)
    assert found.evidence == {"values": 3, "rows": 5, "of": 395}


def test_entities_may_be_on_both_sides_of_a_moment_and_a_moment_may_not(rows):
    day = np.arange("2026-01-01", "2027-12-31", dtype="datetime64[D]")[:N].astype("datetime64[us]")
    entity = np.arange(N) % 10
    clean = rows({"who": entity, "t": day}, part=PART, by="time", entity="who", time="t")
    assert not list(shared(clean))
    day[300] = day[299]
    (found,) = shared(rows({"who": entity, "t": day}, part=PART, by="time", entity="who", time="t"))
    assert (found.kind, found.severity) == ("shared_time", "error")
    assert found.evidence["values"] == 1


def test_a_key_is_its_columns_together(rows):
    a, b = np.arange(N) % 20, np.arange(N) // 20
    assert not list(shared(rows({"a": a, "b": b}, part=PART, key=["a", "b"])))
    b[-1], a[-1] = b[0], a[0]
    (found,) = shared(rows({"a": a, "b": b}, part=PART, key=["a", "b"]))
    assert (found.kind, found.columns) == ("shared_key", ("a", "b"))


def test_rows_that_are_out_are_on_no_side(rows, rng):
    entity = np.arange(N)
    entity[300] = 0
    part = PART.copy()
    part[0] = "out"
    assert not list(shared(rows({"who": entity}, part=part, entity="who")))


def test_copies_in_train_are_counted(rows, rng):
    x, z = rng.normal(size=N), rng.normal(size=N)
    x[300:310], z[300:310] = x[:10], z[:10]
    (found,) = repeated_rows(rows({"id": np.arange(N), "x": x, "z": z}, part=PART, key="id"))
    assert (found.kind, found.evidence) == ("shared_rows", {"rows": 10, "of": 100, "repeated": 10})


def test_copies_on_one_side_are_said_to_be_there(rows, rng):
    x, z = rng.normal(size=N), rng.normal(size=N)
    x[:10], z[:10] = x[100:110], z[100:110]
    (found,) = repeated_rows(rows({"x": x, "z": z}, part=PART))
    assert (found.kind, found.evidence) == ("repeated_rows", {"rows": 10, "of": N})


def test_few_possible_values_repeat_by_nature(rows, rng):
    data = {"a": rng.integers(0, 9, N), "b": rng.choice(["x", "y"], N)}
    assert not list(repeated_rows(rows(data, part=PART)))
    labelled = rows({**data, "y": rng.choice(["no", "yes"], N)}, part=PART, target="y")
    assert not list(conflicting_labels(labelled))


def test_entities_in_time_may_stay_as_they_are(rows, rng):
    x = rng.normal(size=N)
    x[300:] = x[:100]
    data = {"who": np.arange(N) % 100, "x": x, "t": np.arange(N).astype("datetime64[D]")}
    data["t"] = data["t"].astype("datetime64[us]")
    assert not list(repeated_rows(rows(data, part=PART, by="time", entity="who", time="t")))


def sentence(rng, words=14):
    return " ".join(f"w{number}" for number in rng.integers(0, 5000, words))


def test_nearly_the_same_text_is_found_and_other_text_is_not(rows, rng):
    texts = [sentence(rng) for _ in range(N)]
    for at in range(10):
        texts[300 + at] = texts[at].upper().replace(" ", ",  ", 2) + "!"
    for at in range(10, 20):  # a word before it: of 12 runs of three words, 12 of 13 are left
        texts[300 + at] = f"again {texts[at]}"
    for at in range(20, 40):  # every third word is another: no run of three is left
        words = texts[at].split()
        words[::3] = [f"other{number}" for number in range(len(words[::3]))]
        texts[300 + at] = " ".join(words)
    found = list(repeated_rows(rows({"t": texts}, part=PART, kinds={"text": ["t"]})))
    assert kinds(found) == ["near_rows"]
    assert found[0].evidence["rows"] in (19, 20)  # MinHash estimates


def test_numbers_are_near_within_three_digits(rows, rng):
    x, z = rng.uniform(100, 900, N), rng.uniform(1e-6, 9e-6, N)
    x, z = np.floor(x) + 0.1, z
    x[300:310], z[300:310] = x[:10] + 0.2, z[:10] * 1.00001
    x[310:330] = x[10:30] + 3
    found = list(repeated_rows(rows({"x": x, "z": z, "v": -x}, part=PART)))
    assert kinds(found) == ["near_rows"]
    assert 8 <= found[0].evidence["rows"] <= 12  # a tenth of them may round to another digit


def test_contradictions_and_what_they_leave_to_learn(rows, rng):
    x, y = rng.normal(size=N), rng.choice(["no", "yes"], N)
    x[:10], y[:10] = x[100:110], np.where(y[100:110] == "yes", "no", "yes")
    (found,) = conflicting_labels(rows({"x": x, "z": -x, "y": y}, part=PART, target="y"))
    assert found.evidence == {"conflicting": 20, "rows": 300, "ceiling": round(290 / 300, 6)}


def test_repeats_that_agree_are_no_contradiction(rows, rng):
    x, y = rng.normal(size=N), rng.choice(["no", "yes"], N)
    x[:10], y[:10] = x[100:110], y[100:110]
    assert not list(conflicting_labels(rows({"x": x, "z": -x, "y": y}, target="y")))


def test_a_fingerprint_knows_places_and_missing_values(rows):
    data = {"a": ["x", "y", None, "x"], "b": ["y", "x", "x", "y"]}
    read = rows(data)
    prints = fingerprints(list(read.columns.values()))
    assert len(set(prints.tolist())) == 3
    assert prints[0] == prints[3]
