"""One YAML file from raw data to a monitored model.

The command line is the main door; `open_run` is the Python one.
"""

from typing import TYPE_CHECKING

from mlpipe.version import __version__

if TYPE_CHECKING:
    from mlpipe.api import RunView

__all__ = ["__version__", "open_run"]


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
