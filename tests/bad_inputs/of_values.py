"""Cases 53 to 62: values that other readers bend."""

from datetime import datetime
from typing import Any

import pyarrow as pa

from tests.bad_inputs.words import (
    Case,
    Entry,
    Input,
    NotHere,
    Quarantined,
    Refused,
    Taken,
    csv,
    jsonl,
    parquet,
    sqlite,
    text_only,
)

TYPED = text_only("the schema gives each column one type")
ROWS = 25_000
SERIES = (
    "CREATE TABLE t (n, x); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
    f"WHERE i < {ROWS}) INSERT INTO t SELECT i, i FROM c; "
)
INTEGER = {"types": {"x": "integer"}}
BERLIN = {"timezone": "Europe/Berlin"}
TWICE = datetime(2026, 10, 25, 2, 30)
E_ACUTE, E_AND_ACUTE = "Orl\u00e9ans", "Orle\u0301ans"


def filled(values: list[str]) -> str:
    """Return SQL of a new table ``t`` of ``n`` and ``x``."""
    rows = ", ".join(f"({n}, {value})" for n, value in enumerate(values, 1))
    return f"DROP TABLE IF EXISTS t; CREATE TABLE t (n, x); INSERT INTO t VALUES {rows}"


def texts(values: list[str | None], gets: Any, **options: Any) -> dict[str, tuple[Entry, ...]]:
    """Return one column of texts in every format, which must get the same in each."""
    quoted = ["null" if value is None else f'"{value}"' for value in values]
    lines = "".join(f"{n},{text}\n" for n, text in enumerate(quoted, 1)).replace(",null", ",")
    records = "".join(f'{{"n": {n}, "x": {text}}}\n' for n, text in enumerate(quoted, 1))
    table = pa.table({"n": range(1, len(values) + 1), "x": pa.array(values, pa.string())})
    script = filled(["NULL" if value is None else f"'{value}'" for value in values])

    def with_lines(first: int) -> Any:
        if isinstance(gets, Quarantined):
            return Quarantined(gets.says, tuple(line + first for line in gets.lines))
        return gets

    return {
        "csv": (csv("n,x\n" + lines, with_lines(1), **options),),
        "parquet": (parquet(table, with_lines(0), **options),),
        "jsonl": (jsonl(records, with_lines(0), **options),),
        "sqlite": (sqlite(script, with_lines(0), **options),),
    }


def _both(one: dict[str, tuple[Entry, ...]], *more: dict[str, tuple[Entry, ...]]) -> dict[str, Any]:
    return {word: sum((other[word] for other in more), one[word]) for word in one}


def _late(declared: bool) -> tuple[Input, Input]:
    source = INTEGER if declared else {}
    said = "'free' is not an integer"
    of_csv = "n,x\n" + "".join(f"{n},{n}\n" for n in range(ROWS)) + f"{ROWS},free\n"
    of_lines = "".join(f'{{"n": {n}, "x": {n}}}\n' for n in range(ROWS)) + '{"n": 1, "x": "free"}\n'
    if declared:
        return (
            csv(of_csv, Quarantined(said, (ROWS + 2,)), source=source),
            jsonl(of_lines, Quarantined(said, (ROWS + 1,)), source=source),
        )
    return (
        csv(of_csv, Refused(3, rf"data\.csv:{ROWS + 2}\) x: {said}[\s\S]*types")),
        jsonl(
            of_lines,
            Refused(3, rf"x: mixes integers .data\.jsonl:1. and strings .data\.jsonl:{ROWS + 1}."),
        ),
    )


CASES = (
    Case(
        53,
        "a type that changes late",
        csv=(_late(False)[0], _late(True)[0]),
        parquet=texts(["1", "free"], Quarantined("'free' is not an integer", (2,)), source=INTEGER)[
            "parquet"
        ],
        jsonl=(_late(False)[1], _late(True)[1]),
        sqlite=(
            sqlite(
                f"{SERIES}INSERT INTO t VALUES (0, 'free')",
                Refused(3, "'x' mixes integers and text"),
            ),
            sqlite(
                f"{SERIES}INSERT INTO t VALUES (0, 'free')",
                Quarantined("'free' is not an integer", (ROWS + 1,)),
                source=INTEGER,
            ),
        ),
    ),
    Case(
        54,
        "leading zeros",
        **_both(
            texts(["00501", "10001"], Taken({"x": ["00501", "10001"]})),
            texts(["007", "1.5"], Taken({"x": ["007", "1.5"]})),
        ),
    ),
    Case(
        55,
        "integers over 2^63",
        csv=(
            csv("n,x\n1,9223372036854775808\n2,1\n", Refused(3, r"x: holds integers over 2\^63")),
            csv("n,x\n1,9223372036854775808\n", Refused(3, r"over 2\^63"), source=INTEGER),
            csv("n,x\n1,9223372036854775807\n", Taken({"x": [2**63 - 1]})),
            csv(
                "n,x\n1,0.5\n2,9007199254740993\n",
                Refused(3, r"data\.csv:3\) x: '9007199254740993' is beyond 2\^53"),
            ),
            csv(
                "n,x\n1,9223372036854775808\n",
                Taken({"x": ["9223372036854775808"]}),
                source={"types": {"x": "string"}},
            ),
        ),
        parquet=(
            parquet({"x": pa.array([2**63, 1], pa.uint64())}, Taken({"x": [2**63, 1]})),
            parquet({"x": pa.array([2**63], pa.uint64())}, Refused(3, r"x"), source=INTEGER),
        ),
        jsonl=(
            jsonl(
                '{"x": 9223372036854775808}\n', Refused(3, r"data\.jsonl:1\) x: .*is over 2\^63")
            ),
            jsonl(
                '{"x": 1.5}\n{"x": 9007199254740993}\n',
                Refused(3, r"data\.jsonl:2\) x: .*is beyond 2\^53"),
            ),
            jsonl('{"x": 9223372036854775807}\n', Taken({"x": [2**63 - 1]})),
        ),
        sqlite=(
            sqlite(filled(["9223372036854775807"]), Taken({"x": [2**63 - 1]})),
            sqlite(
                filled(["1.5", "9007199254740993"]), Refused(3, "'x' mixes integers and numbers")
            ),
            sqlite(
                filled(["'9223372036854775808'"]),
                Refused(3, r"over 2\^63|not an integer"),
                source=INTEGER,
            ),
        ),
    ),
    Case(
        56,
        "words for missing",
        **_both(
            texts(["NA", "None", "a"], Taken({"x": ["NA", "None", "a"]})),
            texts(["null", "N/A", "nan"], Taken({"x": ["null", "N/A", "nan"]})),
        ),
    ),
    Case(
        57,
        "inf and nan",
        csv=(
            *(
                csv(f"n,x\n1,0.5\n2,{word}\n", Refused(3, "x: .*inf or nan"))
                for word in ("inf", "-Infinity", "nan", "NaN")
            ),
            csv(
                "n,x\n1,0.5\n2,nan\n",
                Quarantined("is not finite", (3,)),
                source={"types": {"x": "number"}},
            ),
            csv("n,x\n1,0.5\n2,nan\n", Taken({"x": [0.5, None]}), source={"nulls": ["nan"]}),
        ),
        parquet=(
            parquet(
                {"x": [1.0, float("nan")]}, Refused(3, "x: holds 1 values that are inf or nan")
            ),
            parquet({"x": [1.0, float("-inf")]}, Refused(3, "x: holds 1 values that are inf")),
            parquet(
                {"x": pa.array([1.0, float("inf")], pa.float32())}, Refused(3, "x: holds 1 values")
            ),
        ),
        jsonl=(
            jsonl('{"x": 1.5}\n{"x": NaN}\n', Quarantined("holds NaN, which is no value", (2,))),
            jsonl('{"x": 1.5}\n{"x": -Infinity}\n', Quarantined("holds -Infinity", (2,))),
        ),
        sqlite=(sqlite(filled(["0.5", "9e999"]), Refused(3, "x: holds 1 values that are inf")),),
    ),
    Case(
        58,
        "decimal comma",
        csv=(
            csv(
                "n;x\n1;0,5\n2;7\n",
                Refused(3, r"x: holds numbers with a decimal comma[\s\S]*decimal: ','"),
            ),
            csv(
                "n;x\n1;0,5\n2;-1,25\n",
                Taken({"x": [0.5, -1.25]}),
                source={"decimal": ","},
                dialect={"delimiter": ";"},
            ),
        ),
        **{
            word: entries
            for word, entries in _both(
                texts(["0,5", "7"], Taken({"x": ["0,5", "7"]})),
                texts(
                    ["0,5", "7"],
                    Taken({"x": [0.5, 7.0]}),
                    source={"types": {"x": "number"}, "decimal": ","},
                ),
            ).items()
            if word != "csv"
        },
    ),
    Case(
        59,
        "mixed and naive time zones",
        **_both(
            texts(
                ["2026-01-01T10:00:00", "2026-01-01T10:00:00+02:00"],
                Quarantined("time zone", (2,)),
                source={"types": {"x": "timestamp"}},
            ),
            {
                "csv": (
                    csv(
                        "n,x\n1,2026-01-01 10:00\n2,2026-01-01T10:00:00+02:00\n",
                        Refused(3, "x: mixes 1 times without a zone with 1"),
                    ),
                ),
                "parquet": (NotHere("a column of timestamps has one zone or none"),),
                "jsonl": (),
                "sqlite": (),
            },
        ),
    ),
    Case(
        60,
        "an hour that is there twice",
        **_both(
            texts(
                ["2026-07-01 12:00:00", "2026-10-25 02:30:00"],
                Refused(3, r"x: holds times that are there twice.*2026-10-25 02:30:00 \(row 1\)"),
                source={"types": {"x": "timestamp"}},
                columns=BERLIN,
            ),
            {
                "csv": (),
                "parquet": (
                    parquet(
                        {"x": pa.array([TWICE], pa.timestamp("us"))},
                        Refused(3, "x: holds times that are there twice"),
                        columns=BERLIN,
                    ),
                ),
                "jsonl": (),
                "sqlite": (),
            },
        ),
    ),
    Case(
        61,
        "one text in two unicode forms",
        **texts(
            [E_ACUTE, E_AND_ACUTE, "Paris"],
            Taken({"x": [E_ACUTE, E_AND_ACUTE, "Paris"]}, warns="x holds 1 texts in two unicode"),
        ),
    ),
    Case(
        62,
        "duplicate key",
        **_both(
            texts(
                ["a", "b", "a"],
                Refused(3, r"x: the key is not unique.*a \(2 rows\)"),
                columns={"key": "x"},
            ),
        ),
    ),
)
