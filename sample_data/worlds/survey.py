"""A survey of the phone company: who would recommend it, asked of the customers of one month.

It has a generator of its own, so that nothing else in the sample data moves with it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 20260531
ANSWER = 0.4
EMPTY = 0.05
TWICE, STRANGERS = 12, 5
EFFECTS: dict[str, Any] = {
    "level": 7.8,
    "note": {"unhappy": -2.5, "neutral": 0.0, "happy": 1.2},
    "left": -1.5,  # of whoever leaves within the 30 days
    "sd": 1.8,
}


def build(usage: pd.DataFrame, folder: Path) -> dict[str, Any]:
    """Ask the customers of a month, write ``survey.csv``, and return the truth about it."""
    rng = np.random.default_rng(SEED)
    asked = usage[rng.random(len(usage)) < ANSWER]
    mood = asked["mood"].map(EFFECTS["note"]).to_numpy(float)
    left = EFFECTS["left"] * (asked["churned"] == "yes").to_numpy()
    latent = EFFECTS["level"] + mood + left + rng.normal(0, EFFECTS["sd"], len(asked))
    answers = pd.DataFrame(
        {
            "customer_id": asked["customer_id"].to_numpy(),
            "recommend": np.clip(np.round(latent), 0, 10).astype(int).astype(str),
            "stars": np.clip(np.round(latent / 2), 1, 5).astype(int).astype(str),
        }
    )
    answers.loc[rng.random(len(answers)) < EMPTY, ["recommend", "stars"]] = ""
    given = answers[answers["recommend"] != ""]
    earlier = given.sample(TWICE, random_state=SEED).assign(recommend="5", stars="3")
    ids = [f"{n:06d}" for n in range(980_001, 980_001 + STRANGERS)]
    strangers = pd.DataFrame({"customer_id": ids, "recommend": "10", "stars": "5"})
    written = pd.concat([earlier, answers, strangers])
    written.to_csv(folder / "survey.csv", index=False, lineterminator="\n")
    return _truth(answers, written, len(usage))


def _truth(answers: pd.DataFrame, written: pd.DataFrame, asked: int) -> dict[str, Any]:
    given = answers.loc[answers["recommend"] != "", "recommend"].astype(int)
    score = 100 * ((given >= 9).mean() - (given <= 6).mean())
    return {
        "asked": asked,
        "answers": len(written),
        "customers_who_answered": len(given),
        "without_answer": int((written["recommend"] == "").sum()),
        "earlier_answers": TWICE,
        "of_nobody": STRANGERS,
        "nps": round(float(score), 2),
        "effects": EFFECTS,
    }
