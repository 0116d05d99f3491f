# ruff: noqa: TID253 - defines a scikit-learn estimator; imported lazily
"""LightGBM (Ke et al. 2017) as an estimator whose model is LightGBM's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mlpipe.bundle.boosters.booster import Booster

if TYPE_CHECKING:
    from mlpipe.bundle.boosters.booster import Array, Examples

__all__ = ["LightGBMBooster"]

ROUNDS = 100


class LightGBMBooster(Booster):
    """Trees that grow leaf by leaf over binned features; see `Booster`."""

    package: ClassVar[str] = "lightgbm"
    extra: ClassVar[str] = "boosting"
    refusal: ClassVar[str] = "basic.LightGBMError"

    def _train(
        self,
        library: Any,
        examples: Examples,
        stop: tuple[Examples, int] | None,
        monotonic: list[int] | None,
    ) -> tuple[bytes, int]:
        given = dict(self.parameters or {})
        rounds = int(given.pop("n_estimators", ROUNDS))
        parameters = {**self._fixed(), **given}
        if monotonic is not None:
            parameters["monotone_constraints"] = monotonic
        data = library.Dataset(examples.X, examples.y, weight=examples.weight)
        watched, callbacks = [], []
        if stop is not None:
            rows, patience = stop
            watched = [library.Dataset(rows.X, rows.y, weight=rows.weight, reference=data)]
            callbacks = [library.early_stopping(patience, verbose=False)]
        made = library.train(
            parameters, data, rounds, valid_sets=watched or None, callbacks=callbacks
        )
        kept = made.best_iteration if stop is not None else made.current_iteration()
        return made.model_to_string(num_iteration=kept).encode(), int(kept)

    def _fixed(self) -> dict[str, Any]:
        outputs = self._outputs()
        many = {"objective": "multiclass", "num_class": outputs}
        two = {"objective": "regression" if self.task == "regression" else "binary"}
        return {
            **(many if outputs > 1 else two),
            "seed": self.seed,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def _load(self, library: Any) -> Any:
        return library.Booster(model_str=self.model_.decode())

    def _margins(self, library: Any, loaded: Any, X: Array) -> Array:  # noqa: ARG002
        # Of regression the value itself: a Poisson model adds up logarithms.
        raw = self.task != "regression"
        return np.asarray(loaded.predict(X, raw_score=raw, num_threads=1))

    def _sound(self, width: int, outputs: int) -> bool:
        head, *trees = self.model_.decode().split("\nTree=")
        about = _fields(head)
        fits = int(about["max_feature_idx"]) == width - 1
        fits &= int(about["num_tree_per_iteration"]) == int(about["num_class"]) == outputs
        fits &= len(trees) % outputs == 0 and len(trees) > 0
        return fits and all(_sound_tree(_fields(tree), width) for tree in trees)


def _fields(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.partition("\nend of trees")[0].splitlines())
    found: dict[str, str] = {}
    for name, equals, value in lines:
        if equals and name in found:
            raise ValueError(name)  # which of two counts is for the library to know
        found[name] = value
    return found


def _sound_tree(tree: dict[str, str], width: int) -> bool:
    leaves = int(tree["num_leaves"])
    if tree.get("num_cat", "0") != "0" or tree.get("is_linear", "0") != "0":
        return False
    if leaves == 1:
        return len(tree["leaf_value"].split()) == 1
    names = ("split_feature", "left_child", "right_child", "decision_type")
    feature, left, right, kind = (np.array(tree[name].split(), np.int64) for name in names)
    sizes = {len(each) for each in (feature, left, right, kind, tree["threshold"].split())}
    if sizes != {leaves - 1} or len(tree["leaf_value"].split()) != leaves:
        return False
    # A leaf is written as −1 − its number; a node comes after the one that points to it.
    children, at = np.concatenate([left, right]), np.tile(np.arange(leaves - 1), 2)
    inner = children >= 0
    forward = (children[inner] > at[inner]) & (children[inner] < leaves - 1)
    within = (
        (feature >= 0).all() and (feature < width).all() and (-children[~inner] <= leaves).all()
    )
    # Bit 0 marks a split by category, of which there are none.
    return bool(forward.all() and within and ((kind & 1) == 0).all())
