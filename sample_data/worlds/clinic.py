"""Visits to a clinic, and who comes back within 30 days: every fault that the doctor knows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 20260505
ROWS, PATIENTS, BASE_RATE = 1_900, 1_100, 0.22
TEST_FROM = "2026-03-01"
EXACT, NEAR, CONTRADICTED = 30, 24, 20
WARDS = ("Cardiology", "Surgery", "ENT", "Maternity")
WARD_TYPOS = {"Cardiology": "cardiology ", "ENT": "E.N.T."}
COMPLAINTS = ("pain in the chest", "short of breath", "a fall at home", "fever since days",
              "dizzy in the morning", "a cough that stays", "swollen ankles",
              "pain in the back")  # fmt: skip
FOUND = ("nothing to see on the scan", "values a little high", "a small shadow on the scan",
         "pressure too high", "heart rate irregular", "all values as before",
         "low on iron")  # fmt: skip
DONE = ("sent home with pills", "kept for a night", "to be seen again by the doctor",
        "new plaster and rest", "given an infusion", "advised to walk every day")  # fmt: skip


def build(folder: Path) -> dict[str, Any]:
    """Draw the visits, plant the faults, write visits.csv, and return the truth about them."""
    rng = np.random.default_rng(SEED)
    visits = _with_outcome(_honest(rng), rng)
    visits = _with_dirt(visits, rng)
    visits = _with_copies(visits, rng).sort_values("admitted", kind="stable", ignore_index=True)
    visits.insert(0, "visit_id", [f"v{n:05d}" for n in range(1, len(visits) + 1)])
    visits.insert(1, "record_no", np.arange(48_210, 48_210 + len(visits)))
    written = visits.assign(
        admitted=visits["admitted"].dt.strftime("%Y-%m-%d %H:%M:%S"),
        **{name: visits[name].dt.strftime("%Y-%m-%d") for name in ("born", "registered")},
    )
    written.to_csv(folder / "visits.csv", index=False, lineterminator="\n")
    return {
        "rows": len(visits),
        "readmitted_rate": round(float((visits["readmitted"] == "yes").mean()), 4),
        "planted": planted(written),
    }


def _honest(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the visits as they should have been recorded."""
    patient = rng.integers(1, PATIENTS + 1, ROWS)
    minutes = rng.integers(0, 365 * 24 * 60, ROWS)
    born = pd.Timestamp("1935-01-01") + pd.to_timedelta(rng.integers(0, 27_000, PATIENTS + 1), "D")
    joined = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 2_500, ROWS), "D")
    return pd.DataFrame(
        {
            "patient": [f"p{n:04d}" for n in patient],
            "admitted": pd.Timestamp("2025-06-01") + pd.to_timedelta(minutes, "min"),
            "born": born[patient],
            "registered": joined,
            "last_lab": joined + pd.to_timedelta(rng.integers(0, 180, ROWS), "D"),
            "ward": rng.choice(WARDS, ROWS, p=[0.35, 0.3, 0.2, 0.15]),
            "smoker": rng.choice(["yes", "no"], ROWS, p=[0.3, 0.7]),
            "stay_days": rng.poisson(4, ROWS),
            "weight_kg": rng.normal(76, 13, ROWS).clip(38, 140).round(1),
            "iron": rng.gamma(4, 20, ROWS).round(1),
            "cost_ward": rng.integers(200, 4_000, ROWS),
            "cost_drugs": rng.integers(20, 900, ROWS),
            "note": [_note(rng) for _ in range(ROWS)],
        }
    )


def _note(rng: np.random.Generator) -> str:
    said = (choices[rng.integers(len(choices))] for choices in (COMPLAINTS, FOUND, DONE))
    return f"Came with {', '.join(said)}, room {rng.integers(100, 999)}"


def _with_outcome(visits: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who comes back, and what was written down only then: the leaks."""
    risk = 0.5 * (visits["ward"] == "Cardiology") + 0.12 * (visits["stay_days"] - 4)
    odds = np.log(BASE_RATE / (1 - BASE_RATE)) - 0.2 + risk
    back = rng.random(ROWS) < 1 / (1 + np.exp(-odds))
    days = np.where(back, rng.integers(1, 31, ROWS), rng.integers(28, 400, ROWS))
    return visits.assign(
        cost=visits["cost_ward"] + visits["cost_drugs"],
        status_code=np.where(back, "R", "D"),
        days_to_next=days,
        second_ward=np.where(back, rng.choice(WARDS, ROWS), None),
        readmitted=np.where(back, "yes", "no"),
    )


def _with_dirt(visits: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Spoil single columns, each in one way."""

    def some(share: float) -> np.ndarray:
        return rng.random(ROWS) < share

    spelled = visits["ward"].replace(WARD_TYPOS)
    coded = visits["smoker"].map({"yes": "1", "no": "0"})
    lab = visits["last_lab"].dt.strftime("%Y-%m-%d").mask(some(0.02), "1900-01-01")
    midnight = visits["admitted"].dt.normalize()
    year_only = visits["born"].dt.to_period("Y").dt.to_timestamp()
    visits["next_check"] = visits["registered"] + pd.to_timedelta(rng.integers(30, 200, ROWS), "D")
    ahead = some(0.01)
    checked = visits["next_check"].dt.strftime("%Y-%m-%d")
    late = "21" + checked.str[2:]
    return visits.assign(
        ward=visits["ward"].mask(some(0.06), spelled),
        smoker=visits["smoker"].mask(some(0.1), coded),
        admitted=visits["admitted"].mask(some(0.15), midnight),
        born=visits["born"].mask(some(0.12), year_only),
        registered=visits["registered"].mask(some(0.04), pd.Timestamp("2021-07-05")),
        last_lab=lab,
        next_check=checked.mask(ahead, late),
        weight_kg=visits["weight_kg"].mask(some(0.02), 999.0),
        iron=visits["iron"].clip(upper=150),
        insurer=np.where(np.arange(ROWS) == 700, "private", "public"),
        country="NL",
        fax=None,
    )


def _with_copies(visits: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Enter visits again: in the test months, nearly so, and with the other outcome."""
    early = visits[visits["admitted"] < TEST_FROM]
    picked = early.sample(EXACT + NEAR + CONTRADICTED, random_state=int(rng.integers(1 << 30)))
    exact, near = picked[:EXACT].copy(), picked[EXACT : EXACT + NEAR].copy()
    other = picked[EXACT + NEAR :].copy()
    for again in (exact, near):
        minutes = rng.integers(0, 90 * 24 * 60, len(again))
        again["admitted"] = pd.Timestamp(TEST_FROM) + pd.to_timedelta(minutes, "min")
    near["note"] = near["note"].str.upper().str.replace(",", " -")
    back = other["readmitted"] == "no"
    other["readmitted"] = np.where(back, "yes", "no")
    other["status_code"] = np.where(back, "R", "D")
    other["days_to_next"] = np.where(back, 12, 200)
    other["second_ward"] = np.where(back, "ENT", None)
    return pd.concat([visits, exact, near, other], ignore_index=True)


def planted(visits: pd.DataFrame) -> list[dict[str, Any]]:
    """Count what was planted, from the rows as they are written."""
    train = visits["admitted"] < TEST_FROM
    both = set(visits.loc[train, "patient"]) & set(visits.loc[~train, "patient"])
    ward = visits["ward"].isin(list(WARD_TYPOS.values()))
    noon = visits["admitted"].str.endswith("00:00:00")
    newest = visits["admitted"].max()
    return [
        _fault("target_copy", ["status_code"], int(train.sum()), "R for yes, D for no"),
        _fault("target_proxy", ["days_to_next"], None, "days until the next visit"),
        _fault("target_nulls", ["second_ward"], None, "filled in when the patient is back"),
        _fault("identifier", ["record_no"], len(visits), "counts on with the time"),
        _fault("shared_entity", ["patient"], len(both), "the test part is the last months"),
        _fault("shared_rows", [], EXACT, "visits entered again in the test months"),
        _fault("near_rows", [], NEAR, "the same, with the note in capitals"),
        _fault("conflicting_labels", ["readmitted"], 2 * CONTRADICTED, "the other outcome"),
        _fault("nearly_constant", ["insurer"], 1, "one visit is private"),
        _fault("spellings", ["ward"], int(ward.sum()), "'cardiology ', 'E.N.T.'"),
        _fault("spellings", ["smoker"], int(visits["smoker"].isin(["0", "1"]).sum()), "1 and yes"),
        _fault("mixed_times", ["admitted"], int(noon.sum()), "from paper, without a time"),
        _fault("new_year_dates", ["born"], int(visits["born"].str.endswith("01-01").sum()),
               "only the year is known"),
        _fault("date_spike", ["registered"], int((visits["registered"] == "2021-07-05").sum()),
               "the day of an import"),
        _fault("default_dates", ["last_lab"], int((visits["last_lab"] == "1900-01-01").sum()),
               "1900-01-01 for none"),
        _fault("future_dates", ["next_check"], int((visits["next_check"] > newest).sum()),
               "a mistyped year"),
        _fault("sentinel", ["weight_kg"], int((visits["weight_kg"] == 999).sum()), "999 for none"),
        _fault("capped", ["iron"], int((visits["iron"] == 150).sum()), "the scale ends at 150"),
    ]  # fmt: skip


def _fault(kind: str, columns: list[str], rows: int | None, what: str) -> dict[str, Any]:
    return {"kind": kind, "columns": columns, "rows": rows, "what": what}
