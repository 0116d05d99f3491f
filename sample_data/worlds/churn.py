"""A phone company in a steady state, told month by month: who leaves in the next 30 days, and why.

Every month has `ACTIVE` customers; whoever leaves is replaced by a newcomer, and ten unseen years
run first, so that nothing drifts before the month that is made to drift.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from worlds import notes, survey

SEED = 20250601
ACTIVE = 1_000
BURN_IN = 120
MONTHS = pd.date_range("2025-06-01", periods=13, freq="MS")
AGE_BANDS = ("18-29", "30-44", "45-64", "65+")
PLANS = {"basic": 15.0, "plus": 25.0, "pro": 40.0, "flex": 25.0}
NEW_PLAN, NEW_PLAN_SHARE = "flex", 0.08
CHARGES_SHIFT, TICKET_RATE, TICKET_RATE_LATER = 0.5, 0.35, 0.85
CITIES, BRANCHES = 150, 40
EFFECTS: dict[str, Any] = {
    "intercept": -3.85,
    "calls_fall": 1.0,  # per ten calls fewer than 3 months ago; nothing for whoever is newer
    "note": {"unhappy": 2.6, "neutral": 0.0, "happy": -1.0},
    "plan": {"basic": 0.5, "plus": 0.0, "pro": -0.9, "flex": 0.0},
    "newcomer": 1.4,  # × exp(-tenure / 8 months)
    "contract_months": {"0": 0.7, "12": 0.0, "24": -0.9},
    "age_band": {"18-29": 0.55, "30-44": 0.1, "45-64": -0.2, "65+": -0.5},
    "gender": 0.0,
    "city_sd": 0.6,
    "support_tickets": 0.35,  # per ticket
}
DIRTY = (
    (
        "990001,Almere,1012,2024-03-05,female,30-44,38500,twelve",
        "contract_months is not an integer",
    ),
    ("990002,Breda,1007,2023-11-20,male", "short row: 5 of 8 fields"),
    ("990003,Delft,1031,2024-08-14,female,45-64,41200,12,moved", "long row: 9 of 8 fields"),
)


@dataclass
class People:
    """Traits and state of the active customers, one array a field, in step with each other."""

    number: np.ndarray
    age: np.ndarray
    gender: np.ndarray
    plan: np.ndarray
    contract: np.ndarray
    city: np.ndarray
    branch: np.ndarray
    income: np.ndarray
    level: np.ndarray
    joined: np.ndarray
    day: np.ndarray
    falling: np.ndarray
    trend: np.ndarray
    calls: np.ndarray  # of the month and the three before it, the latest first

    def replace(self, leaving: np.ndarray, others: "People") -> None:
        """Put newcomers at the places of those who leave."""
        for name in (f.name for f in fields(self)):
            getattr(self, name)[leaving] = getattr(others, name)


def newcomers(rng: np.random.Generator, count: int, first: int, month: int) -> People:
    """Draw `count` customers who joined in the month before `month`, numbered from `first`."""
    age = rng.choice(4, count, p=[0.24, 0.33, 0.28, 0.15])
    by_age = np.array(
        [[0.62, 0.28, 0.10], [0.42, 0.37, 0.21], [0.34, 0.38, 0.28], [0.46, 0.38, 0.16]]
    )
    free = np.array([0.62, 0.42, 0.30, 0.22])[age]
    draw = rng.random(count)
    weights = 1 / np.arange(1, CITIES + 1) ** 0.8
    return People(
        number=np.arange(first, first + count),
        age=age,
        gender=rng.choice(["female", "male"], count),
        plan=(rng.random(count)[:, None] > by_age[age].cumsum(axis=1)[:, :2]).sum(axis=1),
        contract=np.where(draw < free, 0, np.where(draw < free + (1 - free) / 2, 12, 24)),
        city=rng.choice(CITIES, count, p=weights / weights.sum()),
        branch=rng.integers(0, BRANCHES, count),
        income=np.round(rng.lognormal(10.5, 0.35, count), -2),
        level=rng.normal(3.9, 0.3, count),
        joined=np.full(count, month),
        day=rng.integers(1, 29, count),
        falling=np.zeros(count, dtype=int),
        trend=np.zeros(count),
        calls=np.full((count, 4), np.nan),
    )


def live(people: People, rng: np.random.Generator) -> None:
    """Move a month on: some customers start to call less, for up to four months; then they mend."""
    starts = (people.falling == 0) & (rng.random(ACTIVE) < 0.06)
    people.falling = np.where(starts, 4, np.maximum(people.falling - 1, 0))
    people.trend = np.where(people.falling > 0, people.trend - 0.4, people.trend * 0.6)


def use(people: People, month: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw what the customers did in the month: usage, tickets, the note of the last contact."""
    later = month == len(MONTHS) - 1
    season = 0.02 * np.sin(2 * np.pi * month / 12)
    calls = rng.poisson(np.exp(people.level + people.trend + season))
    people.calls = np.column_stack([calls, people.calls[:, :3]])
    plan = np.array(list(PLANS))[people.plan]
    fee = np.array([PLANS[name] for name in plan])
    minutes = np.round(calls * rng.gamma(9, 0.35, ACTIVE), 1)
    charges = np.round(fee + rng.gamma(4.0, 2.5, ACTIVE) + 0.02 * minutes, 2)
    if later:
        charges = np.round(charges + CHARGES_SHIFT * charges.std(), 2)
        plan = np.where(rng.random(ACTIVE) < NEW_PLAN_SHARE, NEW_PLAN, plan)
    tickets = rng.poisson(TICKET_RATE_LATER if later else TICKET_RATE, ACTIVE)
    mood = rng.choice(["unhappy", "neutral", "happy"], ACTIVE, p=[0.14, 0.66, 0.20])
    minutes[rng.random(ACTIVE) < 0.03] = np.nan
    return pd.DataFrame(
        {
            "customer_id": [f"{n:06d}" for n in people.number],
            "month": MONTHS[max(month, 0)].date(),
            "plan": plan,
            "calls": calls,
            "minutes": minutes,
            "charges": charges,
            "support_tickets": tickets,
            "last_note": notes.write(mood, rng),
            "mood": mood,
        }
    )


def chance(people: People, usage: pd.DataFrame, month: int, city_effect: np.ndarray) -> np.ndarray:
    """Give the true probability of leaving in the next 30 days, from `EFFECTS`."""
    tenure = month - people.joined + 1
    logit = (
        EFFECTS["intercept"]
        + EFFECTS["calls_fall"] * np.nan_to_num(people.calls[:, 3] - people.calls[:, 0]) / 10
        + usage["mood"].map(EFFECTS["note"]).to_numpy(float)
        + usage["plan"].map(EFFECTS["plan"]).to_numpy(float)
        + EFFECTS["newcomer"] * np.exp(-tenure / 8)
        + np.array([EFFECTS["contract_months"][str(c)] for c in people.contract])
        + np.array(list(EFFECTS["age_band"].values()))[people.age]
        + city_effect[people.city]
        + EFFECTS["support_tickets"] * usage["support_tickets"].to_numpy(float)
    )
    return 1 / (1 + np.exp(-logit))


def described(people: People, who: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Write the traits of some customers as rows of customers.csv."""
    signed = MONTHS[0].to_period("M") + people.joined[who] - 1
    return pd.DataFrame(
        {
            "customer_id": [f"{n:06d}" for n in people.number[who]],
            "city": [names[c] for c in people.city[who]],
            "branch_code": 1001 + people.branch[who],
            "signup_date": [f"{p}-{d:02d}" for p, d in zip(signed, people.day[who], strict=True)],
            "gender": people.gender[who],
            "age_band": np.array(AGE_BANDS)[people.age[who]],
            "income": people.income[who].astype(int).astype(str),
            "contract_months": people.contract[who],
        }
    )


def build(folder: Path) -> dict[str, Any]:
    """Simulate the company, write its files, and return the truth about them."""
    rng = np.random.default_rng(SEED)
    names = notes.city_names(rng, CITIES)
    city_effect = rng.normal(0, EFFECTS["city_sd"], CITIES)
    people = newcomers(rng, ACTIVE, 1, -BURN_IN)
    next_number, known, rows = ACTIVE + 1, [], []
    for month in range(-BURN_IN, len(MONTHS)):
        live(people, rng)
        usage = use(people, month, rng)
        leaves = rng.random(ACTIVE) < chance(people, usage, month, city_effect)
        if month >= 0:
            usage["churned"] = np.where(leaves, "yes", "no")
            known.append(described(people, np.arange(ACTIVE), names))
            rows.append(usage)
        count = int(leaves.sum())
        people.replace(leaves, newcomers(rng, count, next_number, month + 1))
        next_number += count
    customers = pd.concat(known).drop_duplicates("customer_id").sort_values("customer_id")
    customers.loc[rng.random(len(customers)) < 0.07, "income"] = "?"
    _write(folder, customers, rows)
    return {**_truth(rows, customers), "survey": survey.build(rows[-2], folder)}


def _write(folder: Path, customers: pd.DataFrame, rows: list[pd.DataFrame]) -> None:
    (folder / "usage").mkdir(parents=True, exist_ok=True)
    lines = customers.to_csv(index=False, lineterminator="\n").splitlines()
    for place, (line, _) in zip((401, 802, 1203), DIRTY, strict=True):
        lines.insert(place, line)
    (folder / "customers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    plans = pd.DataFrame({"plan": list(PLANS), "monthly_fee": list(PLANS.values())})
    plans.to_csv(folder / "plans.csv", index=False, lineterminator="\n")
    for date, usage in zip(MONTHS, rows, strict=True):
        later = date == MONTHS[-1]
        place = folder if later else folder / "usage"
        _write_parquet(usage.drop(columns=["mood", "churned"]), place / f"{date:%Y-%m}.parquet")
    labels = [usage[["customer_id", "month", "churned"]] for usage in rows]
    pd.concat(labels[:-1]).to_csv(folder / "labels.csv", index=False, lineterminator="\n")
    labels[-1].to_csv(folder / "labels_2026-06.csv", index=False, lineterminator="\n")


def _write_parquet(usage: pd.DataFrame, path: Path) -> None:
    schema = pa.schema(
        [
            pa.field("customer_id", pa.string(), nullable=False),
            pa.field("month", pa.date32(), nullable=False),
            pa.field("plan", pa.string()),
            pa.field("calls", pa.int32()),
            pa.field("minutes", pa.float64()),
            pa.field("charges", pa.float64()),
            pa.field("support_tickets", pa.int32()),
            pa.field("last_note", pa.string()),
        ]
    )
    table = pa.Table.from_pandas(usage, schema=schema, preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd")


def _truth(rows: list[pd.DataFrame], customers: pd.DataFrame) -> dict[str, Any]:
    base = pd.concat(rows[:-1]).merge(customers, on="customer_id")
    later = rows[-1]
    rate = (base["churned"] == "yes").groupby(base["age_band"]).mean().round(4)
    return {
        "rows": {"customers": len(customers), "usage": len(base), "later": len(later)},
        "churn_rate": {
            "base": round(float((base["churned"] == "yes").mean()), 4),
            "later": round(float((later["churned"] == "yes").mean()), 4),
        },
        "effects_on_log_odds": EFFECTS,
        "no_effect": ["gender", "branch_code", "income", "minutes", "charges"],
        "churn_rate_by_age_band": rate.to_dict(),
        "drift": {
            "month": "2026-06",
            "numbers": {
                "charges": f"up by {CHARGES_SHIFT} standard deviations",
                "support_tickets": f"monthly rate {TICKET_RATE} -> {TICKET_RATE_LATER}",
            },
            "new_category": {"plan": {"value": NEW_PLAN, "share": NEW_PLAN_SHARE}},
            "columns": ["charges", "plan", "support_tickets"],
        },
        "quarantine": [
            {"file": "customers.csv", "line": line, "reason": reason, "raw": raw}
            for line, (raw, reason) in zip((402, 803, 1204), DIRTY, strict=True)
        ],
        "gaps": {"income": "7 % are '?'", "minutes": "3 % are null"},
    }
