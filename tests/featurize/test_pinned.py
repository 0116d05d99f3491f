"""What was chosen, written out: pasted into the spec it makes the same features."""

import pytest

from mlpipe.features.words import step
from mlpipe.featurize.pinned import SAID
from mlpipe.spec.dump import flow
from mlpipe.spec.yaml import scalar
from tests.featurize.test_stage import MODELS, _stage

WRITTEN = {
    "auto": "auto",
    "some": [
        {"columns": ["calls"], "steps": [{"lag": [1, 3]}, "impute", "scale"], "for": ["linear"]},
        {"columns": ["code"], "steps": "drop"},
        {"columns": ["plan"], "steps": "auto"},
        {"rest": "auto"},
    ],
    "keep": [{"columns": ["plan"], "steps": [{"one_hot": {"unknown": "error"}}]}, {"rest": "keep"}],
}


def _without_reasons(plan, model):
    """Return which steps each column takes: blocks may stand in another order."""
    blocks = plan["models"][model]["blocks"]
    return sorted(
        (name, [*map(repr, map(step, block["steps"]))])
        for block in blocks
        for name in block["columns"]
    )


@pytest.mark.parametrize("blocks", WRITTEN.values(), ids=WRITTEN)
def test_what_is_pinned_makes_the_same_features(session, blocks):
    free = _stage(session, blocks, task="binary")
    text = flow([{k: v for k, v in b.items() if k != "reason"} for b in free["report"]["pinned"]])
    again = _stage(session, [*scalar(text), {"rest": "drop"}], task="binary")
    for model in MODELS:
        assert _without_reasons(again["plan"], model) == _without_reasons(free["plan"], model)
    # What is pinned is all there is to choose.
    assert {block["reason"] for block in again["report"]["pinned"]} == {SAID}


def test_a_choice_that_all_models_share_stands_once(session):
    pinned = _stage(session, "auto", task="binary")["report"]["pinned"]
    dropped = {tuple(block["columns"]): block for block in pinned if block["steps"] == "drop"}
    assert "for" not in dropped["empty",]
    assert {tuple(b["for"]) for b in pinned if b["columns"] == ["plan"]} == {
        ("linear", "near"), ("boosted",),
    }  # fmt: skip


def test_steps_are_written_as_people_write_them(session):
    pinned = _stage(session, "auto", task="binary", models={"linear": "linear"})["report"]["pinned"]
    steps = {tuple(block["columns"]): block["steps"] for block in pinned}
    assert steps["calls",] == [{"impute": {"indicator": True}}, "scale"]
