"""Bikes taken an hour at two stations over a year: the day, the week, the weather, and memory."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 20250102
START, HOURS = "2025-01-01", 8_760
STATIONS = {"harbour": 120.0, "museum": 70.0}
HOLIDAYS = ("2025-01-01", "2025-04-21", "2025-05-05", "2025-05-29", "2025-06-09", "2025-12-25",
            "2025-12-26")  # fmt: skip
FARES = {
    "harbour": {"2024-11-01": 2.2, "2025-04-01": 2.4, "2025-10-15": 2.5},
    "museum": {"2024-09-01": 1.9, "2025-06-01": 2.1},
}
HOUR_MEMORY, DAY_MEMORY, WEEK_MEMORY = 0.8, 0.85, 0.9


def build(folder: Path) -> dict[str, Any]:
    """Draw the year, write hourly.csv and fares.csv, and return the truth about it."""
    rng = np.random.default_rng(SEED)
    time = pd.date_range(START, periods=HOURS, freq="h")
    temperature = _temperature(time, rng)
    holiday = time.strftime("%Y-%m-%d").isin(HOLIDAYS)
    shape = _shape(time, temperature, holiday)
    frames = []
    for station, size in STATIONS.items():
        expected = size * shape * np.exp(_memory(rng))
        counts = rng.poisson(expected * rng.gamma(60, 1 / 60, HOURS))
        frames.append(
            pd.DataFrame(
                {
                    "timestamp": time.strftime("%Y-%m-%d %H:%M:%S"),
                    "station": station,
                    "temperature": temperature,
                    "holiday": holiday.astype(int),
                    "demand": counts,
                }
            )
        )
    table = pd.concat(frames).sort_values(["timestamp", "station"], kind="stable")
    table.to_csv(folder / "hourly.csv", index=False, lineterminator="\n")
    fares = [
        (station, day, fare) for station, since in FARES.items() for day, fare in since.items()
    ]
    pd.DataFrame(fares, columns=["station", "valid_from", "fare"]).to_csv(
        folder / "fares.csv", index=False, lineterminator="\n"
    )
    return _truth(table)


def _temperature(time: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """Degrees Celsius: the year, the day, and weather that lasts about three days."""
    year = -8 * np.cos(2 * np.pi * (time.dayofyear - 20) / 365)
    day = 3 * np.cos(2 * np.pi * (time.hour - 15) / 24)
    return np.round(11 + year + day + 3 * _autoregressive(rng, 0.985, HOURS), 1).to_numpy(float)


def _shape(time: pd.DatetimeIndex, temperature: np.ndarray, holiday: np.ndarray) -> np.ndarray:
    """Multiply the profile of the hour with the effects of the day and the temperature."""
    hour = time.hour.to_numpy(float)
    rush = np.exp(-((hour - 8.2) ** 2) / 2.5) + np.exp(-((hour - 17.5) ** 2) / 5)
    leisure = np.exp(-((hour - 14) ** 2) / 18)
    workday = (time.dayofweek < 5).astype(bool) & ~holiday
    profile = 0.08 + np.where(workday, rush + 0.25 * leisure, 0.8 * leisure)
    return np.asarray(profile * np.exp(-(((temperature - 21) / 19) ** 2)))


def _memory(rng: np.random.Generator) -> np.ndarray:
    """Log-level that an hour, a day and a week inherit from the one before."""
    hourly = _autoregressive(rng, HOUR_MEMORY, HOURS)
    daily = _autoregressive(rng, DAY_MEMORY, HOURS // 24).repeat(24)
    weekly = [_autoregressive(rng, WEEK_MEMORY, HOURS // 168 + 1) for _ in range(168)]
    return 0.2 * hourly + 0.25 * daily + 0.2 * np.column_stack(weekly).ravel()[:HOURS]


def _autoregressive(rng: np.random.Generator, memory: float, count: int) -> np.ndarray:
    """Draw a path of unit variance in which a value keeps `memory` of the one before."""
    noise = rng.normal(0, np.sqrt(1 - memory**2), count)
    path = np.zeros(count)
    for at in range(count):
        path[at] = noise[at] + memory * path[at - 1]
    return path


def _truth(table: pd.DataFrame) -> dict[str, Any]:
    wide = table.pivot_table(index="timestamp", columns="station", values="demand")
    return {
        "rows": len(table),
        "mean_demand": {name: round(float(wide[name].mean()), 2) for name in STATIONS},
        "autocorrelation": {
            str(lag): {name: round(float(wide[name].autocorr(lag)), 3) for name in STATIONS}
            for lag in (1, 24, 168)
        },
        "memory": {"hour": HOUR_MEMORY, "day": DAY_MEMORY, "week": WEEK_MEMORY},
        "holidays": list(HOLIDAYS),
        "fares": FARES,
    }
