"""What monitor found, in the terminal: alerts, estimates, notes, and what answers a drift."""

from typing import Any

from mlpipe.cli import render

__all__ = ["report", "retrain", "warns"]


def warns(monitor: dict[str, Any] | None) -> bool:
    """Whether a measure warns or alerts that nobody has silenced."""
    return any(not each["silenced"] for each in (monitor or {}).get("alerts", ()))


def report(monitor: dict[str, Any] | None, *, verbose: bool) -> None:
    """Print the alerts and what stands beside them; where it ran.

    Parameters
    ----------
    monitor : dict or None
        Of the answer: ``lines``, ``status``, ``loud``, ``alerts``, ``history``, ``distances``.
    verbose : bool
        Whether to print the distances for those who know them.
    """
    if not monitor:
        return
    for line in monitor.get("distances", ()) if verbose else ():
        render.say(f"  distance {render.line(line)}")
    for line in monitor["lines"]:
        render.say(f"  {render.line(line)}")
    if monitor.get("history"):
        render.say(f"history  {monitor['history']}")
    quiet = [each for each in monitor.get("alerts", ()) if each["silenced"]]
    said = f" ({len(quiet)} silenced)" if quiet else ""
    render.say(f"monitor  {monitor.get('loud', monitor['status'])}{said}")


def retrain(commands: list[dict[str, str]] | None) -> None:
    """Print the commands that answer a drift, in their order, each with what it is for."""
    for at, each in enumerate(commands or ()):
        render.say(f"{'' if at else 'retrain':<8} {each['command']}")
        render.say(f"{'':<8}   # {each['why']}")
