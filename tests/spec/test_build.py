"""Cases 2, 17, 18, 20 and 21: problems of the model, in words, at their places."""

import time
from pathlib import Path

import pytest

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.build import build, in_file_order, problem
from tests.spec.sample import Impute, OneHot, Sample, refusal, resolved

HEAD = "name: churn\ntarget: y\n"

TOLD = {
    "2 unknown key": (
        "trian: {}",
        "spec.yaml:3:1 trian: unknown key\n  hint: did you mean 'train'?",
    ),
    "2 unknown key below": (
        "train: {models: {b: {type: boosted, max_itr: 3}}}",
        "spec.yaml:3:37 train.models.b.max_itr: unknown key\n  hint: did you mean 'max_iter'?",
    ),
    "2 unknown key of a word": (
        "steps: [{one_hot: {min_freq: 3, inner: {sze: 1}}}]",
        "spec.yaml:3:20 steps.0.one_hot.min_freq: unknown key\n"
        "  hint: did you mean 'min_frequency'?\n"
        "spec.yaml:3:41 steps.0.one_hot.inner.sze: unknown key\n"
        "  hint: did you mean 'size'?",
    ),
    "2 unknown key like none": (
        "train: {qqqq: 1}",
        "spec.yaml:3:9 train.qqqq: unknown key\n  hint: known here: models, folds",
    ),
    "17 integer": (
        "train: {folds: x}",
        "spec.yaml:3:16 train.folds: expected an integer, got 'x'",
    ),
    "17 quoted integer": (
        'train: {folds: "3"}',
        "spec.yaml:3:16 train.folds: expected an integer, got '3'\n  hint: write 3 without quotes",
    ),
    "17 float for an integer": (
        "train: {folds: 2.5}",
        "spec.yaml:3:16 train.folds: expected an integer, got 2.5",
    ),
    "17 true for an integer": (
        "train: {folds: true}",
        "spec.yaml:3:16 train.folds: expected an integer, got true",
    ),
    "17 out of range": (
        "train: {folds: 1}",
        "spec.yaml:3:16 train.folds: must be at least 2, got 1",
    ),
    "17 above range": (
        "train: {folds: 21}",
        "spec.yaml:3:16 train.folds: must be at most 20, got 21",
    ),
    "17 exclusive bound": (
        "train: {models: {a: {type: linear, C: 0}}}",
        "spec.yaml:3:39 train.models.a.C: must be greater than 0, got 0",
    ),
    "5 yes for true": (
        "flag: yes",
        "spec.yaml:3:7 flag: expected true or false, got 'yes'\n  hint: write true",
    ),
    "5 NO for false": (
        "flag: NO",
        "spec.yaml:3:7 flag: expected true or false, got 'NO'\n  hint: write false",
    ),
    "17 number for text": (
        "database: 7",
        'spec.yaml:3:11 database: expected text, got 7\n  hint: quote it: "7"',
    ),
    "17 nothing": (
        "train:",
        "spec.yaml:3:7 train: expected a mapping, got nothing\n"
        "  hint: leave the key out, or give it a value",
    ),
    "17 list for a mapping": (
        "train: [a]",
        "spec.yaml:3:8 train: expected a mapping, got a list",
    ),
    "17 one for a list": (
        "kinds: {number: a}",
        "spec.yaml:3:17 kinds.number: expected a list, got 'a'\n  hint: write [a]",
    ),
    "17 one of": (
        "task: binray",
        "spec.yaml:3:7 task: expected one of: binary, regression; got 'binray'\n"
        "  hint: did you mean 'binary'?",
    ),
    "17 key that is one of": (
        "kinds: {numbr: [a]}",
        "spec.yaml:3:9 kinds.numbr: expected one of: number, text; got 'numbr'\n"
        "  hint: did you mean 'number'?",
    ),
    "17 union of a list and words": (
        "steps: atuo",
        "spec.yaml:3:8 steps: expected a list, 'auto' or 'drop', got 'atuo'\n"
        "  hint: did you mean 'auto'?",
    ),
    "17 union of text and list, item": (
        "keys: [a, 3]",
        'spec.yaml:3:11 keys.1: expected text, got 3\n  hint: quote it: "3"',
    ),
    "17 union of text and list, neither": (
        "keys: {a: b}",
        "spec.yaml:3:7 keys: expected text or a list, got a mapping",
    ),
    "17 union of text and list, empty": (
        "keys: []",
        "spec.yaml:3:7 keys: needs at least 1 item, has 0",
    ),
    "17 union of numbers": (
        "share: -1",
        "spec.yaml:3:8 share: must be at least 0, got -1",
    ),
    "17 union of numbers, above": (
        "share: 1.5",
        "spec.yaml:3:8 share: must be less than 1, got 1.5",
    ),
    "17 union by tag": (
        "test: {sinse: 2026-01-01}",
        "spec.yaml:3:8 test.sinse: unknown key\n  hint: did you mean 'since'?",
    ),
    "17 union by tag, no form": ("test: [a]", "spec.yaml:3:7 test: expected a share or since"),
    "17 unknown model": (
        "train: {models: {a: {type: linaer}}}",
        "spec.yaml:3:28 train.models.a.type: 'linaer' is not known; "
        "expected one of: linear, boosted\n  hint: did you mean 'linear'?",
    ),
    "17 model without a type": (
        "train: {models: {a: {C: 1}}}",
        "spec.yaml:3:18 train.models.a.type: this key is missing",
    ),
    "17 unknown word": (
        "steps: [imputed: median]",
        "spec.yaml:3:9 steps.0: 'imputed' is not known; expected one of: impute, one_hot, tfidf\n"
        "  hint: did you mean 'impute'?",
    ),
    "17 wrong main of a word": (
        "steps: [impute: medan]",
        "spec.yaml:3:17 steps.0.impute: expected one of: median, mean; got 'medan'\n"
        "  hint: did you mean 'median'?",
    ),
    "17 word beside a word": (
        "steps: [{impute: median, one_hot: {}}]",
        "spec.yaml:3:9 steps.0: expected a word, `word: main` or `word: {…}`, "
        "with nothing beside it",
    ),
    "17 bare word that needs a parameter": (
        "steps: [tfidf]",
        "spec.yaml:3:9 steps.0.max_features: this key is missing\n  hint: How many words are kept.",
    ),
    "17 word without a main": (
        "steps: [tfidf: 3]",
        "spec.yaml:3:16 steps.0.tfidf: 'tfidf' takes parameters as a mapping",
    ),
    "18 name that leaves its folder": (
        "train: {models: {../x: {type: linear}}}",
        "spec.yaml:3:18 train.models.../x: '../x' cannot be a name\n"
        "  hint: up to 64 letters (a-z), digits, _ . and -, without '..'",
    ),
    "20 names that differ in case": (
        "train: {models: {A: {type: linear}, a: {type: linear}}}",
        "spec.yaml:3:17 train.models: 'A' and 'a' differ only in case\n  hint: rename one of them",
    ),
    "17 empty text": ('target: {name: ""}', "spec.yaml:3:16 target.name: must not be empty"),
    "secret": ("api_token: 12345", "spec.yaml:3:12 api_token: expected text, got ***"),
}


@pytest.mark.parametrize("case", TOLD)
def test_a_problem_of_the_model(tmp_path: Path, case: str) -> None:
    text, said = TOLD[case]
    head = HEAD if not text.startswith("target") else "name: churn\ntask: binary\n"
    assert refusal(tmp_path, f"{head}{text}\n") == said


def test_21_a_newer_version_is_the_only_thing_told(tmp_path: Path) -> None:
    assert refusal(tmp_path, "version: 2\nname: a\nnew_section: {}\n") == (
        "spec.yaml:1:10 version: version 2 was written for a newer mlpipe\n  hint: upgrade mlpipe"
    )


def test_a_missing_key_is_placed_at_its_parent_with_what_it_is_for(tmp_path: Path) -> None:
    assert refusal(tmp_path, "name: a\ntarget:\n  positive: yes\n") == (
        "spec.yaml:2:1 target.name: this key is missing\n  hint: The column to predict."
    )
    assert refusal(tmp_path, "target: y\n") == (
        "spec.yaml:1:1 name: this key is missing\n  hint: The name of the project."
    )


def test_a_misspelt_key_is_not_also_told_as_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path, "nmae: a\ntarget: y\n") == (
        "spec.yaml:1:1 nmae: unknown key\n  hint: did you mean 'name'?"
    )


def test_every_problem_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "flag: 3\ntask: x\nname: a b\nsteps: [3, impute, 4]\ntrain:\n  folds: 1\n  fold: 2\n"
    said = refusal(tmp_path, text)
    places = [line.split(" ")[:2] for line in said.splitlines() if line.startswith("spec")]
    assert places == [
        ["spec.yaml:1:1", "target:"],
        ["spec.yaml:1:7", "flag:"],
        ["spec.yaml:2:7", "task:"],
        ["spec.yaml:3:7", "name:"],
        ["spec.yaml:4:9", "steps.0:"],
        ["spec.yaml:4:20", "steps.2:"],
        ["spec.yaml:6:10", "train.folds:"],
        ["spec.yaml:7:3", "train.fold:"],
    ]


def test_a_problem_of_an_option_or_a_profile_is_placed_there(tmp_path: Path) -> None:
    text = f"{HEAD}profiles: {{ci: {{train: {{folds: 0}}}}}}\n"
    assert refusal(tmp_path, text, overrides=["train.folds=x"]) == (
        "-S train.folds=x train.folds: expected an integer, got 'x'"
    )
    assert refusal(tmp_path, text, profile="ci") == (
        "profile ci (spec.yaml:3:32) train.folds: must be at least 2, got 0"
    )
    assert refusal(tmp_path, HEAD, overrides=["train.fold=3"]) == (
        "-S train.fold=3 train.fold: unknown key\n  hint: did you mean 'folds'?"
    )


def test_a_good_spec_becomes_a_part(tmp_path: Path) -> None:
    text = f"{HEAD}steps: [impute, {{impute: mean}}, one_hot: {{min_frequency: 2}}]\nshare: 0.5\n"
    part = build(Sample, resolved(tmp_path, text))
    assert part.steps == (Impute(), Impute(strategy="mean"), OneHot(min_frequency=2))
    assert (part.name, part.target, part.share) == ("churn", "y", 0.5)


def test_a_cross_check_makes_a_problem_at_its_place(tmp_path: Path) -> None:
    found = resolved(tmp_path, f"{HEAD}train:\n  folds: 3\n")
    made = problem(found, ("train", "folds"), "too many", "fewer")
    assert made == Problem("too many", "spec.yaml:4:10", "train.folds", "fewer")
    nowhere = problem(found, ("train", "select"), "unknown")
    assert nowhere.place == "spec.yaml:3:1"


def test_the_first_hundred_of_many_problems_are_told(tmp_path: Path) -> None:
    text = HEAD + "".join(f"x{number}: 1\n" for number in range(1200))
    with pytest.raises(SpecError) as caught:
        build(Sample, resolved(tmp_path, text))
    *told, last = caught.value.problems
    assert [each.place for each in told] == [f"spec.yaml:{line}:1" for line in range(3, 103)]
    assert (last.message, last.key) == ("there are more problems from here on", "x100")


def _seconds(tmp_path: Path, count: int) -> float:
    text = f"{HEAD}steps: [{', '.join(['{impute: [], x: 1}'] * count)}]\n"
    text += f"keys: [{', '.join(['[]'] * count)}]\n"
    start = time.process_time()
    assert refusal(tmp_path, text)
    return time.process_time() - start


def test_the_time_of_thousands_of_problems_grows_with_their_number(tmp_path: Path) -> None:
    _seconds(tmp_path, 100)
    few, many = _seconds(tmp_path, 1_000), _seconds(tmp_path, 7_000)
    assert many < 7 * 4 * few  # were each compared with each other, it would be 49 times


def test_problems_are_sorted_by_number_not_by_digit() -> None:
    places = ["a.yaml:10:1", "a.yaml:9:12", "a.yaml:9:3", "-S x=1", "b.yaml:1:1"]
    found = in_file_order(Problem("x", place) for place in places)
    assert [each.place for each in found] == [
        "-S x=1",
        "a.yaml:9:3",
        "a.yaml:9:12",
        "a.yaml:10:1",
        "b.yaml:1:1",
    ]


def test_the_error_holds_problems_that_a_program_can_read(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        build(Sample, resolved(tmp_path, f"{HEAD}trian: 1\n"))
    assert caught.value.problems == (
        Problem("unknown key", "spec.yaml:3:1", "trian", "did you mean 'train'?"),
    )
