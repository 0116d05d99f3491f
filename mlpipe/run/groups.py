"""What the terminal says of groups and slices: a line for each grouping, and one for the scan."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["group_lines"]


def group_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the lines of an evaluate report on fairness and on the scan for slices."""
    return [*_fairness(report.get("fairness") or ()), *_scan(report.get("scan"))]


def _fairness(found: Any) -> Iterator[str]:
    for each in found:
        rule = each.get("four_fifths")
        if rule and rule["value"] is not None:
            yield (
                f"fairness {each['across']}: {rule['least']} is chosen {rule['value']:.3g} times "
                f"as often as {rule['most']}{_between(rule)}; four-fifths: {rule['status']}"
            )
        elif each["metrics"]:
            first = each["metrics"][0]
            value = f"{first['name']} {first['value'] or 0:.4g}{_between(first)}"
            said = value if first["value"] is not None else f"not compared: {first['why']}"
            yield f"fairness {each['across']}: {said}"


def _scan(scan: Mapping[str, Any] | None) -> Iterator[str]:
    if not scan:
        return
    looked = f"scan     {scan['looked_at']:,} slices looked at"
    if not scan["worse"]:
        yield f"{looked}, none worse than the rest"
        return
    worst = scan["slices"][0]
    name = ", ".join(f"{column}={value}" for column, value in worst["slice"].items())
    yield (
        f"{looked}, {scan['worse']:,} worse than the rest; surest: {name} ({scan['loss']} "
        f"{worst['inside']:.4g} against {worst['outside']:.4g}, {worst['rows']:,} rows)"
    )


def _between(row: Mapping[str, Any]) -> str:
    return "" if row["low"] is None else f" ({row['low']:.3g} – {row['high']:.3g})"
