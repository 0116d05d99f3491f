"""A run in Weights & Biases: its id is the digest of its record, so that there is one of it.

Everything here runs in a process of its own (`mlpipe.tracking.send`).
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.tracking.names import cut

if TYPE_CHECKING:
    from mlpipe.tracking.content import Content
    from mlpipe.tracking.send import Asked

__all__ = ["run_id", "send"]

COMPLETE = "mlpipe/complete"
"""The key of the summary that is set last: without it, sending was interrupted."""
MARK = "mlpipe.json"
"""The same for the folder of an offline run."""
LONGEST_TAG = 64


class _Bundle:
    """The bundle as an artifact: whether it goes along, its name and its aliases."""

    def __init__(self, asked: Asked) -> None:
        settings, content = asked["settings"], asked["content"]
        self.goes = bool(asked["bundle"] and settings["model"])
        self.name = f"{content['pipeline']}-bundle"
        judged = content["verdict"] not in ("", "failed")
        self.aliases = [settings["alias"]] if settings["alias"] and judged else []

    @property
    def shown(self) -> str:
        """``churn-bundle @challenger``; empty where there is none."""
        aliases = (f"@{alias}" for alias in self.aliases)
        return " ".join([self.name, *aliases]) if self.goes else ""


def run_id(content: Content) -> str:
    """Return the id of a run: the same however often it is sent."""
    return content["digest"][:16]


def send(asked: Asked) -> dict[str, str]:
    """Send a run, or write it into files, unless it is there already.

    Returns
    -------
    dict
        ``run`` (its id there), ``link``, ``model``, ``there`` (it was): texts, empty where there
        is nothing to say.
    """
    settings, content = asked["settings"], asked["content"]
    folder = Path(asked["keep"]).resolve()
    identity = run_id(content)
    bundle = _Bundle(asked)
    answer = {"run": identity, "model": bundle.shown}
    if settings["mode"] == "offline" and (before := _written(folder, identity)):
        return {**answer, "link": _shown(before), "there": "yes"}
    run = _init(asked, folder, identity)
    link = run.url if settings["mode"] == "online" else _shown(Path(run.dir).parent)
    answer["link"] = link or ""
    if run.resumed and run.summary.get(COMPLETE):
        run.finish()
        return {**answer, "there": "yes"}
    _log(run, content)
    _log_files(run, asked, bundle)
    run.summary[COMPLETE] = True
    run.finish(exit_code=int(content["failed"]))
    if settings["mode"] == "offline":
        mark = Path(run.dir).parent / MARK
        mark.write_text(json.dumps({"run": content["run"], "digest": content["digest"]}))
    return answer


def _written(folder: Path, identity: str) -> Path | None:
    """Return the folder of an offline run that is complete; clear away one that is not."""
    for found in sorted((folder / "wandb").glob(f"offline-run-*-{identity}")):
        if (found / MARK).exists():
            return found
        shutil.rmtree(found)
    return None


def _init(asked: Asked, folder: Path, identity: str) -> Any:
    settings, content = asked["settings"], asked["content"]
    home = folder / "wandb"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("DATA", "CACHE", "CONFIG"):
        os.environ.setdefault(f"WANDB_{name}_DIR", str(home / name.lower()))
    for name, value in (("API_KEY", settings["api_key"]), ("BASE_URL", settings["url"])):
        if value:
            os.environ[f"WANDB_{name}"] = value
    import wandb

    verdict = [content["verdict"]] if content["verdict"] else []
    tags = [content["pipeline"], content["tags"]["mlpipe.task"], *verdict, *settings["tags"]]
    return wandb.init(
        project=asked["project"],
        entity=settings["entity"],
        id=identity,
        name=content["run"],
        mode=settings["mode"],
        resume="allow" if settings["mode"] == "online" else None,
        dir=str(folder),
        tags=list(dict.fromkeys(cut(tag, LONGEST_TAG) for tag in tags)),
        config={**content["params"], **content["tags"], "mlpipe.inputs": content["inputs"]},
        settings=wandb.Settings(
            silent=True, console="off", x_disable_stats=True, disable_git=True,
            disable_code=True, save_code=False, init_timeout=settings["timeout"],
        ),
    )  # fmt: skip


def _log(run: Any, content: Content) -> None:
    for step, values in content["folds"]:
        run.log(values, step=step)
    for name, value in content["metrics"].items():
        run.summary[name] = value


def _log_files(run: Any, asked: Asked, bundle: _Bundle) -> None:
    """Log the files and the bundle as artifacts."""
    import wandb

    report = wandb.Artifact(f"{asked['content']['pipeline']}-report", "report")
    report.add_dir(asked["folder"])
    run.log_artifact(report)
    if bundle.goes:
        about = {"mlpipe.run": asked["content"]["run"]}
        model = wandb.Artifact(bundle.name, "model", metadata=about)
        model.add_dir(asked["bundle"])
        run.log_artifact(model, aliases=["latest", *bundle.aliases])


def _shown(folder: Path) -> str:
    """Return a folder relative to the working directory, where it lies in it."""
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)
