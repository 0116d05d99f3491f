"""A first spec from a data file: every guess with its reason, no questions."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import Columns

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["draft"]

SCHEMA = """\
# For completion while you type: mlpipe schema > mlpipe.schema.json, and in the first line
# yaml-language-server: $schema=mlpipe.schema.json"""
FEW_CLASSES = 20
SENSITIVE = ("gender", "sex", "age_band", "race", "ethnicity", "religion", "nationality")


@dataclass(frozen=True)
class _Seen:
    """What a look at the data showed."""

    path: Path
    rows: int
    columns: tuple[dict[str, str], ...]
    distinct: dict[str, int]
    nulls: dict[str, int]
    target: str
    classes: tuple[Any, ...]
    shares: tuple[float, ...]


def draft(data: Path, target: str) -> str:
    """Return a commented spec for a data file.

    Parameters
    ----------
    data : Path
        A CSV or Parquet file.
    target : str
        The column to predict.

    Raises
    ------
    SpecError
        Where the file or the column is not there.
    DataError
        Where the file cannot be read exactly.
    """
    seen = _look(data, target)
    return "\n".join(_lines(seen)) + "\n"


def _look(data: Path, target: str) -> _Seen:
    from mlpipe.table.session import Session

    section = Ingest.read({"path": str(data), "max_bad_rows": 0.01})
    with tempfile.TemporaryDirectory() as scratch, Session(Path(scratch)) as session:
        outputs = ingest(section, Columns(), {}, session)
        table, report = outputs["table"], outputs["report"]
        columns = tuple(each for each in report["columns"] if each["name"] != "_row")
        names = [each["name"] for each in columns]
        if target not in names:
            hint = did_you_mean(target, names) or f"columns: {', '.join(names)}"
            raise SpecError(Problem(f"{data} has no column '{target}'", "--target", hint=hint))
        distinct, nulls = _counts(session, table, names)
        classes, shares = _classes(session, table, target, distinct[target])
        return _Seen(data, report["rows"], columns, distinct, nulls, target, classes, shares)


def _counts(
    session: "Session", table: "ir.Table", names: list[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Count distinct values and nulls of every column in one scan."""
    wanted = [table[name].nunique().name(f"d{i}") for i, name in enumerate(names)]
    wanted += [table[name].isnull().sum().name(f"n{i}") for i, name in enumerate(names)]
    row = session.pandas(table.aggregate(wanted)).iloc[0]
    distinct = {name: int(row[f"d{i}"]) for i, name in enumerate(names)}
    return distinct, {name: int(row[f"n{i}"] or 0) for i, name in enumerate(names)}


def _classes(
    session: "Session", table: "ir.Table", target: str, distinct: int
) -> tuple[tuple[Any, ...], tuple[float, ...]]:
    if distinct > FEW_CLASSES:
        return (), ()
    counts = session.pandas(table[target].value_counts(name="count")).dropna()
    counts = counts.sort_values(["count", target])
    shares = counts["count"] / counts["count"].sum()
    return tuple(counts[target].tolist()), tuple(shares.tolist())


def _lines(seen: _Seen) -> Iterator[str]:
    task, why = _task(seen)
    yield SCHEMA
    yield "version: 1"
    yield f"name: {_name(seen.path)}"
    yield f"task: {task:<30} # {why}"
    yield "seed: 7"
    yield ""
    yield "columns:"
    yield from _roles(seen, task)
    yield ""
    yield f"ingest: {{path: {_quoted(str(seen.path))}, max_bad_rows: 0.01}}"
    yield "# up to 1 % of the rows may go to quarantine; lower it once they are known"
    yield ""
    yield from _split(seen)
    yield ""
    yield "validate:"
    yield "  columns:"
    yield from _checks(seen)
    yield f"  checks: [{{rows: {{min: {max(1, seen.rows // 2)}}}}}]  # half of what there is now"
    yield ""
    yield "featurize: auto                      # `mlpipe featurize` says what it chose, and why"
    yield ""
    yield "train: {folds: 5}                    # a linear model and boosted trees, the better wins"
    yield ""
    metric, bound, reason = _gate(task)
    yield "evaluate:"
    yield "  gates:"
    yield f"    - {{metric: {metric}, {bound}}}  # {reason}"


def _task(seen: _Seen) -> tuple[str, str]:
    kind = next(each["kind"] for each in seen.columns if each["name"] == seen.target)
    distinct = seen.distinct[seen.target]
    if distinct == 2:
        return "binary", f"{seen.target} has two values"
    if kind == "number" and distinct > FEW_CLASSES:
        return "regression", f"{seen.target} is a number with {distinct:,} values"
    return "multiclass", f"{seen.target} has {distinct} values"


def _roles(seen: _Seen, task: str) -> Iterator[str]:
    if task == "binary":
        rare, share = seen.classes[0], seen.shares[0]
        target = f"{{name: {_quoted(seen.target)}, positive: {_value(rare)}}}"
        yield f"  target: {target}  # the rarer value, {share:.1%} of the rows"
    else:
        yield f"  target: {_quoted(seen.target)}"
    key = next((n for n in _names(seen) if _identifies(seen, n)), None)
    if key:
        yield f"  key: {_quoted(key)}  # different in each of the {seen.rows:,} rows"
    time = next((each["name"] for each in seen.columns if each["kind"] == "date"), None)
    if time:
        yield f"  time: {_quoted(time)}  # the first column of dates"
    sensitive = [name for name in _names(seen) if name.lower() in SENSITIVE]
    if sensitive:
        named = ", ".join(_quoted(name) for name in sensitive)
        yield f"  sensitive: [{named}]  # by name: reported on, no features unless you name them"


def _identifies(seen: _Seen, name: str) -> bool:
    kind = next(each["kind"] for each in seen.columns if each["name"] == name)
    type_ = next(each["type"] for each in seen.columns if each["name"] == name)
    whole = type_ in ("integer", "string") and kind != "text"
    return whole and name != seen.target and seen.distinct[name] == seen.rows


def _names(seen: _Seen) -> list[str]:
    return [each["name"] for each in seen.columns]


def _split(seen: _Seen) -> Iterator[str]:
    if any(each["kind"] == "date" for each in seen.columns):
        yield "# rows carry dates: the latest ones judge, as they will in use"
        yield "split: {by: time, test: 0.2}"
    else:
        yield "# no dates: by a hash of the row, so that a row never changes sides as data grows"
        yield "split: {by: random, test: 0.2}"


def _checks(seen: _Seen) -> Iterator[str]:
    for each in seen.columns:
        name = each["name"]
        rules = [] if seen.nulls[name] else ["nullable: false"]
        if _identifies(seen, name):
            rules.append("unique: true")
        if not rules:
            rules.append(f"nullable: true  # {seen.nulls[name] / seen.rows:.1%} are missing now")
            yield f"    {_quoted(name)}: {{{rules[0].split('  ')[0]}}}  {rules[0].split('  ')[1]}"
            continue
        yield f"    {_quoted(name)}: {{{', '.join(rules)}}}"


def _gate(task: str) -> tuple[str, str, str]:
    metric = {"binary": "roc_auc", "multiclass": "f1_macro", "regression": "rmse"}[task]
    return metric, "versus: baseline", "better than the naive baseline; set a bound of your own"


def _name(path: Path) -> str:
    name = "".join(c if c.isalnum() else "_" for c in path.stem.lower()).strip("_")
    return name if name and name[0].isalpha() else f"table_{name}"


def _quoted(text: str) -> str:
    from mlpipe.spec.dump import to_yaml

    return to_yaml([text]).strip().removeprefix("- ")


def _value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else _quoted(value)
