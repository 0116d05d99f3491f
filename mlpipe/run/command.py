"""What a verb does: answer from the receipt where it still holds, else plan and execute.

This module loads nothing heavy: a command with nothing to do ends here.
"""

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from mlpipe.run import receipt
from mlpipe.run.request import Request
from mlpipe.run.result import Result

if TYPE_CHECKING:
    from mlpipe.run.engine import Watch
    from mlpipe.run.plan import Planned

__all__ = ["build", "foresee"]


def build(request: Request, *, force: tuple[str, ...], watch: "Watch") -> Result:
    """Find or compute everything that the verb needs.

    Parameters
    ----------
    request : Request
        The verb, the spec and its options.
    force : tuple of str
        Steps to compute again, whatever is there.
    watch : Watch
        Told of each step.

    Raises
    ------
    SpecError
        For a spec that is wrong, before anything is written.
    StoreError
        For a run directory that cannot be used.
    """
    answer = None if force else receipt.find(request)
    if answer is None:
        from mlpipe.run.execute import execute

        # What the user's own functions print is no part of the answer.
        with redirect_stdout(sys.stderr):
            return execute(request, force=force, watch=watch)
    result = Result.from_json(answer)
    for done in result.steps:
        watch.ends(done)
    return result


def foresee(request: Request, *, force: tuple[str, ...]) -> "list[Planned]":
    """Say for each step whether it would be reused or computed, and why."""
    from mlpipe.run.execute import foresee as _foresee

    return _foresee(request, force=force)
