"""The machine that monitors: memory, disk and load, as psutil finds them."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["figures"]


def figures(folder: Path) -> dict[str, Any]:
    """Measure the machine.

    Parameters
    ----------
    folder : Path
        The run directory: its disk is the one that counts.

    Returns
    -------
    dict
        ``memory`` and ``disk`` in use (shares), ``load`` over five minutes for each core, None
        where the system does not say; ``memory_available_bytes``, ``disk_free_bytes``, ``cores``
        and ``measured``, when.
    """
    import psutil

    found: dict[str, Any] = dict.fromkeys(("memory", "disk", "load"))
    with suppress(OSError, psutil.Error, RuntimeError):
        memory = psutil.virtual_memory()
        found["memory"] = round(1 - memory.available / memory.total, 4)
        found["memory_available_bytes"] = memory.available
    with suppress(OSError, psutil.Error):
        # Of what may be used: a part of a disk is kept for root.
        disk = psutil.disk_usage(str(folder))
        found["disk"] = round(disk.used / (disk.used + disk.free), 4)
        found["disk_free_bytes"] = disk.free
    cores = psutil.cpu_count() or os.cpu_count() or 1
    with suppress(OSError, AttributeError):
        found["load"] = round(psutil.getloadavg()[1] / cores, 3)
    return {**found, "cores": cores, "measured": datetime.now(UTC).isoformat(timespec="seconds")}
