"""A second opinion on a run directory: plain JSON and SHA-256, none of the store's own code."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

OWN = {"artifacts", "tmp", "locks", "damaged", "receipts"}


def faults(root: Path) -> list[str]:
    """Everything in a run directory that is not what a finished write leaves."""
    if not (root / "FORMAT").exists():
        names = os.listdir(root) if root.exists() else []
        # Nothing is there yet but FORMAT on its way to its place.
        return [f"{name} without FORMAT" for name in names if not name.startswith(".FORMAT-")]
    found = []
    if (root / "FORMAT").read_text() != "mlpipe runs 1\n":
        found.append("FORMAT is torn")
    for folder in sorted((root / "artifacts").glob("*/*")):
        found += [f"{folder.relative_to(root)}: {fault}" for fault in artifact_faults(folder)]
    for home in sorted(p for p in root.iterdir() if p.is_dir() and p.name not in OWN):
        found += [f"{home.name}: {fault}" for fault in home_faults(home)]
    return found


def artifact_faults(folder: Path) -> list[str]:
    """What is wrong with one artifact: missing, torn, changed or unlisted files."""
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        own = manifest.pop("sha256")
    except (OSError, ValueError, KeyError) as error:
        return [f"manifest: {error!r}"]
    found = [] if own == _digest(manifest) else ["manifest changed"]
    if [manifest["step"], manifest["key"]] != [folder.parent.name, folder.name]:
        found.append("manifest of another artifact")
    there = {Path(t, n).relative_to(folder).as_posix() for t, _, ns in os.walk(folder) for n in ns}
    there.discard("manifest.json")
    found += [f"{name} unlisted" for name in sorted(there - set(manifest["files"]))]
    for name, entry in manifest["files"].items():
        data = (folder / name).read_bytes() if name in there else None
        if data is None:
            found.append(f"{name} missing")
        elif (len(data), hashlib.sha256(data).hexdigest()) != (entry["size"], entry["sha256"]):
            found.append(f"{name} changed")
        elif os.stat(folder / name).st_mode & 0o222:
            found.append(f"{name} writable")
    return found


def home_faults(home: Path) -> list[str]:
    """What is wrong with the runs of one pipeline."""
    found = []
    runs = sorted(p for p in home.iterdir() if p.is_dir())
    for run in runs:
        try:
            record = json.loads((run / "run.json").read_bytes())
            body = {k: v for k, v in record.items() if k not in ("format", "run", "digest")}
            if record["run"] != run.name or record["digest"] != _digest(body):
                found.append(f"{run.name}: run.json changed")
            links = {p.name for p in run.iterdir() if p.is_symlink()}
            if links != set(record["artifacts"]):
                found.append(f"{run.name}: links {sorted(links)}")
            found += [f"{run.name}: {link} dangles" for link in links if not (run / link).is_dir()]
        except (OSError, ValueError, KeyError) as error:
            found.append(f"{run.name}: {error!r}")
    numbers = [run.name.split("-")[0] for run in runs]
    if len(set(numbers)) != len(numbers):
        found.append("a number was given twice")
    latest = home / "latest"
    if latest.exists() and latest.read_text().strip() not in {run.name for run in runs}:
        found.append(f"latest names {latest.read_text()!r}")
    return found


def contents(root: Path) -> dict[str, str]:
    """Digest of each artifact and run, by its path: what must not get lost."""
    found = {}
    for manifest in (root / "artifacts").glob("*/*/manifest.json"):
        found[str(manifest.parent.relative_to(root))] = json.loads(manifest.read_bytes())["digest"]
    for record in root.glob("*/*/run.json"):
        found[str(record.parent.relative_to(root))] = json.loads(record.read_bytes())["digest"]
    return found


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
