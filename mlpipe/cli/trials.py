"""The answer of a search: its best trials, how they spread, and the best one as YAML."""

from typing import Any

from mlpipe.cli import render

__all__ = ["search"]


def search(found: dict[str, Any] | None) -> None:
    """Print the best trials of a search, and the parameters of the best one to paste.

    Parameters
    ----------
    found : dict or None
        ``search`` of an answer; nothing is printed where there was none.
    """
    if not found:
        return
    from mlpipe.spec.dump import flow

    headings = ["trial", "model", found["metric"], "sd", "folds", "seconds", "parameters"]
    rows = [
        [
            str(row["trial"]),
            row["candidate"],
            _number(row["mean"]),
            _number(row["std"]),
            f"{_number(row['low'])} – {_number(row['high'])}",
            "–" if row["seconds"] is None else f"{row['seconds']:.1f}",
            flow(_short(row["params"])) if row["params"] else "as written",
        ]
        for row in found["top"]
    ]
    shown = f"the best {len(rows)} of {found['trials']} trials"
    render.table(headings, rows, title=f"{found['method']} search: {shown}")
    spread = found["spread"]
    if spread:
        told = ", ".join(f"{name} {_number(value)}" for name, value in spread.items())
        render.say(f"  spread of the means: {told}")
    if 0 < found["fitted"] < found["trials"] - found["repeated"]:
        known = found["trials"] - found["repeated"] - found["fitted"]
        render.say(f"  {known} trials were known from a search before")
    render.say(f"  {found['note']}")
    _paste(found)


def _paste(found: dict[str, Any]) -> None:
    """Print the winner as it would stand in the spec, its type first."""
    from mlpipe.spec.dump import to_yaml

    if not found["params"]:
        return
    ((name, model),) = found["yaml"]["train"]["models"].items()
    ordered = {"type": model["type"], **model}
    render.say(f"\n# trial {found['best']}: to keep it without a search")
    render.say(to_yaml({"train": {"models": {name: ordered}}}))


def _short(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as a person reads them; the YAML below has them in full."""
    return {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in params.items()
    }


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
