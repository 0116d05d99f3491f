"""Every column in every chunk: what each chunk says, and what they decide together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import Chunk, decide, worst
from mlpipe.monitor.compare import Finding, compare, judge
from mlpipe.monitor.describe import describe
from mlpipe.monitor.dispersion import FEWEST_CHUNKS
from mlpipe.monitor.history.counted import packed
from mlpipe.monitor.history.pooled import leans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.spec import Monitor

__all__ = ["FEATURE", "PREDICTION", "Moved", "calibrated", "chunk_row", "moved", "rank", "ranked"]

FEATURE, PREDICTION = "feature", "prediction"
"""What a row of the report is about."""


@dataclass(frozen=True)
class Moved:
    """A column over all chunks.

    Attributes
    ----------
    role : str
        feature or prediction.
    column : str
    status : str
        What the chunks decide together.
    statuses : tuple of str
        What each of them says.
    effects : tuple of float
        Cohen's w in each of them.
    counted : tuple of dict
        What each of them counted, and whether it leans: what history keeps of it.
    described : dict
        The report's row of the latest chunk that shows what was decided.
    """

    role: str
    column: str
    status: str
    statuses: tuple[str, ...]
    effects: tuple[float, ...]
    counted: tuple[dict[str, Any], ...]
    described: dict[str, Any]


def moved(
    spec: Monitor, reference: Mapping[str, Any], chunks: Sequence[Chunk], role: str = FEATURE
) -> list[Moved]:
    """Test all columns of the reference in all chunks; columns that are gone are left out."""
    if not chunks:
        return []
    names = [name for name in reference["columns"] if name in chunks[0].columns]
    by_chunk = [_findings(spec, reference, chunk, names) for chunk in chunks]
    found = []
    for at, name in enumerate(names):
        findings = [each[at] for each in by_chunk]
        statuses = tuple(finding.status for finding in findings)
        status, _ = decide(statuses)
        shown = _shown(statuses, status)
        described = describe(reference, chunks[shown].counts, findings[shown])
        described["chunk"] = chunks[shown].label
        effects = tuple(finding.effect for finding in findings)
        counted = tuple(map(partial(_counted, name), chunks, findings))
        found.append(Moved(role, name, status, statuses, effects, counted, described))
    return found


def calibrated(reference: Mapping[str, Any], every: str | None) -> tuple[dict[str, Any], list[str]]:
    """Drop reference periods that do not tell how much chunks of this length vary.

    Returns
    -------
    tuple
        The profile, and a note where there are too few such periods.
    """
    same = every is not None and reference["every"] == every
    chunks = reference["chunks"] if same else {}
    if len(chunks) >= FEWEST_CHUNKS:
        return dict(reference), []
    note = (
        f"uncalibrated: the reference has {len(chunks)} periods of the chunks' length, fewer "
        f"than {FEWEST_CHUNKS}, so how much quiet periods vary is not known"
    )
    return {**reference, "chunks": {}}, [note]


def ranked(found: Sequence[Moved], importance: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the report's rows: predictions, then what matters most and moved most."""
    whole = sum(abs(value) for value in importance.values())
    rows = []
    for each in found:
        share = abs(importance.get(each.column, 0.0)) / whole if whole else None
        rows.append(
            {
                **each.described,
                "role": each.role,
                "status": each.status,
                "statuses": list(each.statuses),
                "effects": list(each.effects),
                "importance": share if each.role == FEATURE else None,
            }
        )
    return sorted(rows, key=rank)


def chunk_row(chunk: Chunk, found: Sequence[Moved], at: int) -> dict[str, Any]:
    """Return what the report says of a chunk."""
    statuses = {each.column: each.statuses[at] for each in found}
    return {
        "chunk": chunk.label,
        "rows": chunk.rows,
        "status": worst(statuses.values()),
        "alerts": [name for name, status in statuses.items() if status == "alert"],
        "warnings": [name for name, status in statuses.items() if status == "warn"],
    }


def _findings(
    spec: Monitor, reference: Mapping[str, Any], chunk: Chunk, names: Sequence[str]
) -> list[Finding]:
    findings = [compare(reference, chunk.counts, name, spec.drift) for name in names]
    return judge(findings, chunk.rows, spec.minimum_rows)


def _counted(name: str, chunk: Chunk, finding: Finding) -> dict[str, Any]:
    return packed({"rows": chunk.rows, **chunk.columns[name]}, leaning=leans(finding))


def _shown(statuses: Sequence[str], status: str) -> int:
    last = len(statuses) - 1
    return next((at for at in range(last, -1, -1) if statuses[at] == status), last)


def rank(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return by what rows are in order: predictions, then what matters most and moved most."""
    weight = 1.0 if row["importance"] is None else row["importance"]
    return row["role"] == FEATURE, -weight * row["effect"], -row["effect"], row["column"]
