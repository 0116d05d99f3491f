"""What of a finished run goes to trackers: its content, and the files that go along."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlpipe.errors import Problem, StoreError
from mlpipe.run.folders import RunEntry
from mlpipe.run.formats import read_json
from mlpipe.run.manifest import Artifact
from mlpipe.run.store import Store
from mlpipe.tracking.content import Content, Told, content

__all__ = ["gathered"]

READ = ("ingest", "train", "bundle", "evaluate")
LIBRARIES = ("train", "bundle")
"""The steps whose libraries can change the model."""


def gathered(store: Store, run: RunEntry, folder: Path) -> tuple[Content, Path | None]:
    """Return what trackers are told of a run and its bundle; write the files that go along.

    Parameters
    ----------
    store : Store
    run : RunEntry
        A run with a model.
    folder : Path
        An empty folder, for the page, its figures, the spec, the environment and the inputs.

    Raises
    ------
    StoreError
        Where the run's record is damaged, or an artifact is gone.
    """
    record = store.read_run(run.name, run.run)
    artifacts = _artifacts(store, run, record)
    told = content(_told(record, run, artifacts))
    _write_files(folder, run, record, told, artifacts)
    bundle = artifacts.get("bundle")
    return told, bundle.path if bundle else None


def _artifacts(store: Store, run: RunEntry, record: Mapping[str, Any]) -> dict[str, Artifact]:
    links = record["artifacts"]
    found = {}
    for step in (name for name in READ if name in links):
        artifact = store.find(step, links[step]["key"])
        if artifact is None:
            what = f"the {step} artifact of {run.name}/{run.run} is gone or damaged"
            raise StoreError(Problem(what, str(run.path), hint="run it again"))
        found[step] = artifact
    return found


def _told(record: Mapping[str, Any], run: RunEntry, artifacts: Mapping[str, Artifact]) -> Told:
    evaluated = artifacts.get("evaluate")
    made_from = artifacts["ingest"].manifest.made_from
    return Told(
        record=record,
        run=f"{run.name}/{run.run}",
        train=read_json(artifacts["train"], "report"),
        candidates=read_json(artifacts["train"], "candidates"),
        evaluate=read_json(evaluated, "report") if evaluated else None,
        verdict=record["result"]["answer"].get("verdict") if evaluated else None,
        inputs={**_named(made_from, "file "), **_named(made_from, "source ")},
        libraries={
            name: version
            for step in LIBRARIES
            if step in artifacts
            for name, version in _named(artifacts[step].manifest.made_from, "library ").items()
        },
    )


def _named(made_from: Mapping[str, Any], kind: str) -> dict[str, str]:
    return {
        name.removeprefix(kind): str(value)
        for name, value in made_from.items()
        if name.startswith(kind)
    }


def _write_files(
    folder: Path,
    run: RunEntry,
    record: Mapping[str, Any],
    told: Content,
    artifacts: Mapping[str, Artifact],
) -> None:
    from mlpipe.report.figures import figures
    from mlpipe.report.standalone import standalone
    from mlpipe.spec.dump import to_yaml

    texts = {
        "spec.yaml": to_yaml(record["spec"]),
        "requirements.txt": "\n".join(told["requirements"]) + "\n",
        "inputs.json": json.dumps(told["inputs"], indent=2, ensure_ascii=False) + "\n",
    }
    with suppress(FileNotFoundError):
        texts["report.html"] = (run.path / "report.html").read_text(encoding="utf-8")
    if "evaluate" in artifacts:
        report = read_json(artifacts["evaluate"], "report")
        for figure in figures(report["figures"], report["threshold"]):
            texts[f"figures/{figure['name']}.svg"] = standalone(figure["svg"])
    (folder / "figures").mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
