"""``--add-trials N``: the same command over a search that is longer by N trials."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError
from mlpipe.run.history import newest_with
from mlpipe.run.request import Request
from mlpipe.run.store import Store

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.train.search.spec import Search

__all__ = ["with_more_trials"]

KEY = "train.search.trials"
OPTION = "--add-trials"


def with_more_trials(request: Request, more: int) -> tuple[Request, str]:
    """Return the request with an override of ``train.search.trials``, and words that say so.

    The number is counted from the newest run of the pipeline that has a search. The override
    stands in the record of the run like any other, so that the run can be reproduced.

    Parameters
    ----------
    request : Request
    more : int
        How many trials to add; at least 1.

    Raises
    ------
    SpecError
        Where there is no search, none that is finished, or one that cannot be continued.
    """
    from mlpipe.run.execute import load_dated

    if any(override.partition("=")[0].strip() == KEY for override in request.overrides):
        raise SpecError(Problem(f"-S {KEY} says another number of trials", OPTION))
    loaded = load_dated(request)
    search = loaded.pipeline.train.search
    if search is None:
        hint = "train: {search: {space: {linear.C: [0.1, 1, 10]}}}"
        place = loaded.resolved.place(("train",))
        raise SpecError(Problem("there is no search to add trials to", place, "train", hint))
    if search.method == "halving":
        what = "halving cannot be continued: which trials go on depends on how many there are"
        raise SpecError(Problem(what, OPTION, hint="raise train.search.trials and search anew"))
    before = _trials(Path(request.runs_dir), loaded.pipeline.name, request.spec)
    total = _longer(search, loaded.pipeline, before, more)
    longer = replace(request, overrides=(*request.overrides, f"{KEY}={total}"))
    return longer, f"{KEY}: {before} → {total}; write trials: {total} to keep it"


def _trials(runs_dir: Path, name: str, spec: str) -> int:
    """Return how many trials the newest run with a trained model has."""
    store = Store(runs_dir, create=False)
    newest = newest_with(store, name, "train")
    artifact = newest and store.find("train", newest[1]["key"])
    path = artifact.path / "trials.json" if artifact else None
    if path is None or not path.exists():
        what = f"there is no finished search of {name} in {runs_dir}"
        raise SpecError(Problem(what, OPTION, hint=f"mlpipe train {shlex.quote(spec)}"))
    return len(json.loads(path.read_bytes())["trials"])


def _longer(search: "Search", pipeline: "Pipeline", before: int, more: int) -> int:
    if search.method != "grid":
        return before + more
    from mlpipe.train.search.sampling import wanted

    names = list(pipeline.train.candidates(pipeline.task))
    whole = wanted(search.model_copy(update={"trials": None}), names)
    if whole <= before:
        what = f"all {before} points of the grid are tried"
        raise SpecError(Problem(what, OPTION, hint="add values to train.search.space"))
    return min(before + more, whole)
