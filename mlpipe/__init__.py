"""One YAML file from raw data to a monitored model.

The command line is the main door; `open_run` and `Bundle` are the Python ones.
"""

from typing import TYPE_CHECKING, Any

from mlpipe.version import __version__

if TYPE_CHECKING:
    from mlpipe.api import RunView
    from mlpipe.bundle.bundle import Bundle

__all__ = ["Bundle", "__version__", "open_run"]


def __getattr__(name: str) -> Any:
    """Load `Bundle` when it is first asked for: the command line starts without it."""
    if name == "Bundle":
        from mlpipe.bundle.bundle import Bundle

        return Bundle
    raise AttributeError(f"module 'mlpipe' has no attribute {name!r}")


def open_run(run: str = "latest", *, runs_dir: str = "runs") -> "RunView":
    """Open a finished run: its metrics, predictions and bundle.

    Parameters
    ----------
    run : str
        ``latest``, a run name (``churn/0007-3f9a``), a number, or a path.
    runs_dir : str
        Where runs are kept.
    """
    from mlpipe.api import open_run as _open_run

    return _open_run(run, runs_dir=runs_dir)
