# ruff: noqa: TID253 - defines a scikit-learn estimator; imported lazily
"""CatBoost (Prokhorenkova et al. 2018) as an estimator whose model is CatBoost's own JSON."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mlpipe.bundle.boosters.booster import Booster

if TYPE_CHECKING:
    from mlpipe.bundle.boosters.booster import Array, Examples

__all__ = ["CatBoostBooster"]

_KEPT = ("features_info", "oblivious_trees", "scale_and_bias")
"""Of the JSON: the rest holds the time of day, a random id, and the machine's parameters."""


class CatBoostBooster(Booster):
    """Symmetric trees, boosted in an order that keeps each row's target out; see `Booster`."""

    package: ClassVar[str] = "catboost"
    extra: ClassVar[str] = "catboost"
    refusal: ClassVar[str] = "CatBoostError"

    def _train(
        self,
        library: Any,
        examples: Examples,
        stop: tuple[Examples, int] | None,
        monotonic: list[int] | None,
    ) -> tuple[bytes, int]:
        parameters = {**self._fixed(), **(self.parameters or {})}
        if monotonic is not None:
            parameters["monotone_constraints"] = monotonic
        more = {}
        if stop is not None:
            rows, patience = stop
            more = {"eval_set": _pool(library, rows), "early_stopping_rounds": patience}
        made = library.CatBoost(parameters)
        made.fit(_pool(library, examples), **more)
        with TemporaryDirectory() as folder:
            path = Path(folder, "model.json")
            made.save_model(str(path), format="json")
            written = json.loads(path.read_bytes())
        text = json.dumps({name: written[name] for name in _KEPT}, sort_keys=True)
        return text.encode(), int(made.tree_count_)

    def _fixed(self) -> dict[str, Any]:
        many = "MultiClass" if self._outputs() > 1 else "Logloss"
        return {
            "loss_function": "RMSE" if self.task == "regression" else many,
            "random_seed": self.seed,
            "thread_count": 1,
            "task_type": "CPU",
            "allow_writing_files": False,
            "verbose": False,
        }

    def _load(self, library: Any) -> Any:
        loaded = library.CatBoost()
        with TemporaryDirectory() as folder:
            path = Path(folder, "model.json")
            path.write_bytes(self.model_)
            loaded.load_model(str(path), format="json")
        return loaded

    def _margins(self, library: Any, loaded: Any, X: Array) -> Array:  # noqa: ARG002
        raw = np.asarray(loaded.predict(X, prediction_type="RawFormulaVal", thread_count=1))
        poisson = (self.parameters or {}).get("loss_function") == "Poisson"
        return np.exp(raw) if poisson else raw

    def _sound(self, width: int, outputs: int) -> bool:
        model = json.loads(self.model_)
        features = model["features_info"]
        if set(model) != set(_KEPT) or set(features) != {"float_features"}:
            return False
        floats = features["float_features"]
        places = [(each["feature_index"], each["flat_feature_index"]) for each in floats]
        scale, bias = model["scale_and_bias"]
        fits = places == [(at, at) for at in range(width)] and len(bias) == outputs
        borders = [(at, edge) for at, each in enumerate(floats) for edge in each["borders"]]
        fits &= isinstance(scale, int | float)
        trees = model["oblivious_trees"]
        return fits and bool(trees) and all(_sound_tree(tree, borders, outputs) for tree in trees)


def _pool(library: Any, rows: Examples) -> Any:
    return library.Pool(rows.X, rows.y, weight=rows.weight)


def _sound_tree(tree: dict[str, Any], borders: list[tuple[int, float]], outputs: int) -> bool:
    splits = tree["splits"] or []
    for split in splits:
        named = (split["float_feature_index"], split["border"])
        at = split["split_index"]
        if split["split_type"] != "FloatFeature" or not 0 <= at < len(borders):
            return False
        if named != borders[at]:
            return False
    leaves = 1 << len(splits)
    return len(tree["leaf_values"]) == leaves * outputs and len(tree["leaf_weights"]) == leaves
