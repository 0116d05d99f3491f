# ruff: noqa: TID253 - defines a scikit-learn estimator; imported lazily
"""XGBoost (Chen & Guestrin 2016) as an estimator whose model is XGBoost's own JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mlpipe.bundle.boosters.booster import Booster

if TYPE_CHECKING:
    from mlpipe.bundle.boosters.booster import Array, Examples

__all__ = ["XGBoostBooster"]

ROUNDS = 100
_PER_NODE = ("left_children", "right_children", "split_indices", "split_conditions",
             "default_left", "split_type", "base_weights", "parents")  # fmt: skip


class XGBoostBooster(Booster):
    """Trees over histograms of the features, with second-order steps; see `Booster`."""

    package: ClassVar[str] = "xgboost"
    extra: ClassVar[str] = "boosting"
    refusal: ClassVar[str] = "core.XGBoostError"

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
            parameters["monotone_constraints"] = tuple(monotonic)
        watched, more = [], {}
        if stop is not None:
            rows, patience = stop
            watched = [(_matrix(library, rows), "valid")]
            more = {"early_stopping_rounds": patience, "verbose_eval": False}
        made = library.train(parameters, _matrix(library, examples), rounds, evals=watched, **more)
        if stop is not None:
            made = made[: made.best_iteration + 1]
        return bytes(made.save_raw("json")), int(made.num_boosted_rounds())

    def _fixed(self) -> dict[str, Any]:
        outputs = self._outputs()
        many = {"objective": "multi:softprob", "num_class": outputs}
        regression = {"objective": "reg:squarederror"}
        two = regression if self.task == "regression" else {"objective": "binary:logistic"}
        return {
            **(many if outputs > 1 else two),
            "seed": self.seed,
            "nthread": 1,
            "tree_method": "hist",
            "device": "cpu",
            "verbosity": 0,
        }

    def _load(self, library: Any) -> Any:
        loaded = library.Booster({"nthread": 1})
        loaded.load_model(bytearray(self.model_))
        loaded.set_param({"nthread": 1, "device": "cpu", "verbosity": 0})
        return loaded

    def _margins(self, library: Any, loaded: Any, X: Array) -> Array:
        # Of regression the value itself: a Poisson model adds up logarithms.
        margin = self.task != "regression"
        data = library.DMatrix(X, nthread=1)
        return np.asarray(loaded.predict(data, output_margin=margin), float)

    def _sound(self, width: int, outputs: int) -> bool:
        learner = json.loads(self.model_)["learner"]
        about, booster = learner["learner_model_param"], learner["gradient_booster"]
        model = booster["model"]
        trees, groups = model["trees"], np.array(model["tree_info"])
        fits = booster["name"] == "gbtree" and int(about["num_feature"]) == width
        fits &= max(int(about["num_class"]), 1) == outputs and int(about["num_target"]) == 1
        fits &= len(trees) == len(groups) == int(model["gbtree_model_param"]["num_trees"]) > 0
        fits &= bool(((groups >= 0) & (groups < outputs)).all())
        starts = np.array(model["iteration_indptr"])
        fits &= bool((np.diff(starts) >= 0).all()) and starts[0] == 0 and starts[-1] == len(trees)
        return bool(fits) and all(_sound_tree(tree, width) for tree in trees)


def _matrix(library: Any, rows: Examples) -> Any:
    return library.DMatrix(rows.X, rows.y, weight=rows.weight, nthread=1)


def _sound_tree(tree: dict[str, Any], width: int) -> bool:
    about, nodes = tree["tree_param"], int(tree["tree_param"]["num_nodes"])
    if nodes < 1 or {len(tree[name]) for name in _PER_NODE} != {nodes} or tree["categories"]:
        return False
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    inner, at = left != -1, np.arange(nodes)
    forward = (left > at) & (left < nodes) & (right > at) & (right < nodes)
    feature = np.array(tree["split_indices"])
    within = (feature >= 0) & (feature < width) & (np.array(tree["split_type"]) == 0)
    single = int(about["num_feature"]) == width and int(about["size_leaf_vector"]) <= 1
    return bool(single and forward[inner].all() and within[inner].all())
