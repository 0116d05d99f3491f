"""The written truth about the sample data: what a good pipeline finds, and what it must not."""

import textwrap
from collections.abc import Iterable
from typing import Any

__all__ = ["page"]


def page(told: dict[str, Any]) -> str:
    """Write the truth as Markdown."""
    head = _prose(
        "Everything here is drawn by `generate.py` from fixed seeds, so what is in it is known.",
        "The numbers below are counted from the files, or are the parameters that they were drawn",
        "with; `truth.json` holds the same for programs. Nobody in these files exists.",
    )
    parts = [
        _churn(told["churn"]),
        _demand(told["demand"]),
        _support(told["support"]),
        _clinic(told["clinic"]),
    ]
    return _parts("# The truth about the sample data", head, *parts) + "\n"


def _churn(told: dict[str, Any]) -> str:
    rows, rate = told["rows"], told["churn_rate"]
    return _parts(
        "## churn: who leaves a phone company in the next 30 days",
        _prose(
            f"{rows['usage']:,} customer-months of {rows['customers']:,} customers (1,000 a month;",
            f"whoever leaves is replaced), 2025-06 to 2026-05, with {rate['base']:.1%} churn. The",
            f"later month 2026-06 has {rows['later']:,} rows and {rate['later']:.1%} churn.",
        ),
        _prose(
            f"**Expected**: ROC AUC {_range(told)} on the last months with every signal used;",
            "visibly lower without look-back features, or without the note.",
        ),
        "### What predicts",
        _effects(told["effects_on_log_odds"]),
        _prose(
            f"No effect: {', '.join(told['no_effect'])}. The level of calls alone says little;",
            "their fall says much.",
        ),
        "### Fairness",
        _prose(
            "Age has a real disparity, direct and through plan and contract; gender has none.",
            "Churn rate by age_band:",
            ", ".join(f"{k} {v:.1%}" for k, v in told["churn_rate_by_age_band"].items()) + ".",
        ),
        _churn_survey(told["survey"]),
        _churn_later(told["drift"]),
        _churn_dirt(told),
    )


def _effects(effects: dict[str, Any]) -> str:
    return _table(
        ("signal", "effect on the log-odds"),
        [
            ("calls fewer than 3 months ago, each 10", f"{effects['calls_fall']:+g}"),
            ("last_note: unhappy 14 %, neutral 66 %, happy 20 %", _levels(effects["note"])),
            ("plan", _levels(effects["plan"])),
            ("newcomer: × exp(−tenure / 8 months)", f"{effects['newcomer']:+g}"),
            ("contract_months", _levels(effects["contract_months"])),
            ("support_tickets, each", f"{effects['support_tickets']:+g}"),
            ("city, 150 of them", f"normal, sd {effects['city_sd']}"),
            ("age_band (sensitive)", _levels(effects["age_band"])),
        ],
    )


def _churn_survey(told: dict[str, Any]) -> str:
    effects = told["effects"]
    return _parts(
        "### What customers say: survey.csv",
        _prose(
            f"The {told['asked']:,} customers of 2026-05 were asked, from 0 to 10, whether they",
            "would recommend the company, and for stars from 1 to 5.",
            f"{told['answers']:,} rows came back,",
            f"{told['without_answer']} of them without an answer,",
            f"{told['earlier_answers']} followed by a later answer of the same customer and",
            f"{told['of_nobody']} of nobody in the table. The Net Promoter Score of the",
            f"{told['customers_who_answered']:,} customers who answered is {told['nps']:+.1f}.",
        ),
        _prose(
            f"An answer is {effects['level']} on average after a neutral note, by",
            f"{-effects['note']['unhappy']} less after an unhappy one, {effects['note']['happy']}",
            f"more after a happy one, and {-effects['left']} less of whoever leaves.",
            "Who answers is drawn at random.",
        ),
    )


def _churn_later(drift: dict[str, Any]) -> str:
    new = [
        f"- `{name}`: a new value `{it['value']}`, for a random {it['share']:.0%} of the rows"
        for name, it in drift["new_category"].items()
    ]
    return _parts(
        f"### What drifts in {drift['month']}, and nothing else",
        "\n".join([f"- `{name}`: {what}" for name, what in drift["numbers"].items()] + new),
        _prose(
            "What a ticket does to churn stays the same, so the churn rate and the scores rise",
            "with the tickets. Before that month nothing drifts; calls have a season of ±2 %.",
        ),
    )


def _churn_dirt(told: dict[str, Any]) -> str:
    gaps = ", ".join(f"`{name}` ({what})" for name, what in told["gaps"].items())
    dirty = [(row["file"], str(row["line"]), row["reason"]) for row in told["quarantine"]]
    return _parts(
        "### Dirty rows, for quarantine",
        _table(("file", "line", "why"), dirty),
        _prose(
            "None of the three has usage or labels, so no customer-month is lost with them.",
            f"Gaps that are no dirt: {gaps}. Customer ids begin with zeros.",
        ),
    )


def _demand(told: dict[str, Any]) -> str:
    memory = told["memory"]
    return _parts(
        "## demand: bikes taken an hour",
        _prose(
            f"{told['rows']:,} rows: the year 2025, every hour, two stations. **Expected**:",
            f"R² {_range(told)} on the last weeks with lags of 1, 24 and 168 hours and calendar",
            "parts; clearly worse without the lags.",
        ),
        _prose(
            "Demand follows the hour (rush hours on working days, afternoons otherwise), the",
            "temperature (best near 21 °C), holidays (like a Sunday), and a level with a memory:",
            f"an hour keeps {memory['hour']} of the hour before, a day {memory['day']} of the day",
            f"before, an hour of the week {memory['week']} of the same hour last week. Counts are",
            "Poisson around that.",
        ),
        _table(
            ("lag, hours", *(f"autocorrelation, {name}" for name in told["mean_demand"])),
            [(lag, *map(str, by.values())) for lag, by in told["autocorrelation"].items()],
        ),
        _prose(
            "`fares.csv` lists what a ride costs at a station since a day: for a join as of the",
            "hour. The fare has no effect on demand.",
        ),
    )


def _support(told: dict[str, Any]) -> str:
    topics = ", ".join(f"{name} {share:.1%}" for name, share in told["topics"].items())
    return _parts(
        "## support: what a message is about",
        _prose(
            f"{told['rows']:,} messages in four topics: {topics}. **Expected**: accuracy",
            f"{_range(told)} with word weights and a linear model, and not more:",
            f"{told['filed_at_random']:.0%} are filed under a topic drawn at random,",
            f"{told['vague']:.0%} say nothing of their topic, and",
            f"{told['with_a_line_of_another_topic']:.0%} have a line drawn from any topic besides",
            "their own.",
        ),
        _prose(
            "The grammar is small, so messages are written word for word again:",
            f"{told['repeated']} of them are like an earlier one, and {told['contradicted']} are",
            "like one that is filed under another topic. A random split has some on both sides,",
            "and the doctor says so: shared_rows, near_rows and conflicting_labels. Nothing of",
            "the kind is in churn and demand.",
        ),
    )


def _clinic(told: dict[str, Any]) -> str:
    rows = [
        (f"`{each['kind']}`", ", ".join(f"`{name}`" for name in each["columns"]) or "the row",
         "" if each["rows"] is None else f"{each['rows']:,}", each["what"])
        for each in told["planted"]
    ]  # fmt: skip
    return _parts(
        "## clinic: who comes back within 30 days, from data as it should not be",
        _prose(
            f"{told['rows']:,} visits of a year, {told['readmitted_rate']:.1%} readmitted. Every",
            "fault below is planted, and nothing else; `mlpipe validate configs/clinic.yaml` finds",
            "just these, and says no (exit code 1). What predicts honestly is `ward` and",
            "`stay_days`, a little.",
        ),
        _table(("finding", "column", "rows", "what"), rows),
        _prose(
            "`country` is the same everywhere and `fax` is empty: the checks `constant` and",
            "`all_null` say that. With `cost` as the target of a regression, `cost_ward` and",
            "`cost_drugs` add up to it: `target_sum`.",
        ),
    )


def _parts(*parts: str) -> str:
    return "\n\n".join(parts)


def _prose(*phrases: str) -> str:
    return textwrap.fill(" ".join(phrases), 98, break_on_hyphens=False, break_long_words=False)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _range(told: dict[str, Any]) -> str:
    return f"{told['expected']['low']:.2f}–{told['expected']['high']:.2f}"


def _levels(effects: dict[str, float]) -> str:
    return ", ".join(f"{level} {value:+g}" for level, value in effects.items())
