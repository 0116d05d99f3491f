"""What MLflow calls to load a bundle: the code is mlpipe's own, the folder holds no pickle.

A bundle never grants itself trust. Whoever serves one that holds models of another package, or
functions of the user, says so in the environment: ``MLPIPE_TRUST=lightgbm`` (names, separated by
commas), ``MLPIPE_ALLOW_CODE=1``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle

__all__ = ["Scorer"]


class Scorer:
    """Predicts the way MLflow asks: a frame in, a frame out."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def predict(
        self,
        frame: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002 - MLflow looks for it
    ) -> pd.DataFrame:
        """Predict as `Bundle.predict` does; there are no parameters."""
        return self.bundle.predict(frame)


def _load_pyfunc(path: str) -> Scorer:
    """Open the bundle; the name is MLflow's."""
    from mlpipe.bundle.bundle import Bundle

    trust = [name for name in os.environ.get("MLPIPE_TRUST", "").split(",") if name]
    allow_code = os.environ.get("MLPIPE_ALLOW_CODE", "") == "1"
    return Scorer(Bundle.load(Path(path), allow_code=allow_code, trust=trust))
