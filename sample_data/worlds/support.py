"""Short support messages in four topics, from a grammar whose words overlap."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 20250303
ROWS = 2_400
WRONG_TOPIC, VAGUE, MIXED = 0.02, 0.03, 0.12
OPENINGS = ("hi", "hello", "good morning", "dear team", "hey", "please help", "urgent", "question",
            "again", "sorry to bother you", "")  # fmt: skip
CLOSINGS = ("thanks", "please call me", "waiting for an answer", "this is the second time",
            "regards", "how long will it take", "not happy", "cheers", "")  # fmt: skip
TOPICS: dict[str, tuple[str, ...]] = {
    "billing": (
        "i was charged twice for order {n}", "the invoice for {month} shows the wrong amount",
        "why is my bill {n} euro higher", "the payment for {month} was taken again",
        "my credit card was declined but the money is gone", "please refund the extra charge",
        "the discount is missing on my invoice", "what is this fee on my account",
    ),
    "delivery": (
        "my parcel {n} has not arrived", "the courier left order {n} at the wrong address",
        "tracking has not moved since {month}", "the box was damaged when it arrived",
        "where is my order", "delivery was promised for {month} and nothing came",
        "i want to change the delivery address", "only half of order {n} was in the parcel",
    ),
    "login": (
        "i cannot log in to my account", "the password reset mail never arrived",
        "my account is locked after {n} attempts", "the app says wrong password again",
        "two factor code does not work", "i changed my phone and cannot sign in",
        "the reset link has expired", "i see someone else in my account",
    ),
    "cancellation": (
        "please cancel my subscription from {month}", "i want to stop order {n}",
        "how do i close my account", "end my contract in {month}",
        "i no longer need the service", "cancel order {n} and send the money back",
        "i do not want to renew in {month}", "what is the notice period to leave",
    ),
}  # fmt: skip
VAGUE_LINES = ("i have a problem with my account", "it is about order {n}",
               "nothing works since {month}", "can someone look at my account",
               "i want my money back", "please fix this")  # fmt: skip
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august")


def build(folder: Path) -> dict[str, Any]:
    """Draw the messages, write messages.csv, and return the truth about them."""
    rng = np.random.default_rng(SEED)
    topics = rng.choice(list(TOPICS), ROWS, p=[0.34, 0.30, 0.21, 0.15])
    minutes = np.sort(rng.integers(0, 120 * 24 * 60, ROWS))
    received = pd.Timestamp("2026-01-01") + pd.to_timedelta(minutes, unit="min")
    messages = [_message(str(topic), rng) for topic in topics]
    wrong = rng.random(ROWS) < WRONG_TOPIC
    filed = np.where(wrong, rng.choice(list(TOPICS), ROWS), topics)
    table = pd.DataFrame(
        {
            "message_id": [f"m{n:05d}" for n in range(1, ROWS + 1)],
            "received": received.strftime("%Y-%m-%d %H:%M:%S"),
            "message": messages,
            "topic": filed,
        }
    )
    table.to_csv(folder / "messages.csv", index=False, lineterminator="\n")
    shares = table["topic"].value_counts(normalize=True).round(4)
    return {
        "rows": ROWS,
        "topics": {name: float(shares[name]) for name in TOPICS},
        "filed_at_random": WRONG_TOPIC,
        "vague": VAGUE,
        "with_a_line_of_another_topic": MIXED,
        "repeated": int(table.duplicated("message").sum()),
        "contradicted": int((table.groupby("message")["topic"].transform("nunique") > 1).sum()),
    }


def _message(topic: str, rng: np.random.Generator) -> str:
    """Join an opening, what the message is about, maybe a line of another topic, and a closing."""
    lines = [_pick(VAGUE_LINES if rng.random() < VAGUE else TOPICS[topic], rng)]
    if rng.random() < MIXED:
        lines.append(_pick(TOPICS[str(rng.choice(list(TOPICS)))], rng))
    parts = [_pick(OPENINGS, rng), *lines, _pick(CLOSINGS, rng)]
    text = ", ".join(part for part in parts if part)
    return _mistyped(text, rng) if rng.random() < 0.1 else text


def _pick(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    line = choices[rng.integers(len(choices))]
    return line.format(n=rng.integers(2, 60), month=MONTHS[rng.integers(len(MONTHS))])


def _mistyped(text: str, rng: np.random.Generator) -> str:
    """Swap two neighbouring letters somewhere."""
    at = int(rng.integers(0, max(len(text) - 1, 1)))
    return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
