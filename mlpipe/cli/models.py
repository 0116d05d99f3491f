"""The verbs of finished models: bundle, register, promote, rollback, and the group models."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlpipe.cli import options as o
from mlpipe.cli.boundary import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.registry.registry import Moved

__all__ = ["register_verbs"]

Run = Annotated[str, typer.Argument(metavar="[RUN]", help="latest, 7, churn/0007-3f9a or a path.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a model.")]


class Format(StrEnum):
    """How the model of a bundle is written."""

    SKOPS = "skops"
    JOBLIB = "joblib"


def register_verbs(app: typer.Typer) -> None:
    """Add the verbs that copy, register and move finished models."""
    for verb in (bundle, register, promote, rollback):
        app.command(verb.__name__, rich_help_panel="Use a model")(guarded(verb))
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(guarded(list_models))
    group.command("show")(guarded(show_model))
    group.command("log")(guarded(show_log))
    app.add_typer(
        group, name="models", help="List and show registered models.", rich_help_panel="Look back"
    )


def bundle(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="latest, churn/0007-3f9a, champion, churn@3 or a path."),
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where it goes: a new folder, or an empty one.")
    ],
    format_: Annotated[
        Format,
        typer.Option("--format", help="joblib adds a pickle, which predict refuses by default."),
    ] = Format.SKOPS,
    allow_code: o.AllowCode = False,
    trust: o.Trust = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    registry: o.Registry = None,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Copy the bundle of a run out: one folder that predicts, without the run directory."""
    from mlpipe.bundle.copying import copy_out
    from mlpipe.cli import render
    from mlpipe.run.models import REGISTRY, choose

    chosen = choose(run, runs_dir, registry or Path(REGISTRY))
    joblib = format_ is Format.JOBLIB
    about = copy_out(chosen.folder, folder, joblib=joblib, allow_code=allow_code, trust=trust or ())
    if json:
        render.json_document({"bundle": str(folder), "model": chosen.words, **about})
    else:
        render.say(f"model    {chosen.words}")
        render.say(f"bundle   {folder}, {len(about['files']) + 1} files, digest {about['digest']}")
        allow = " --allow-pickle" if joblib else ""
        render.say(f"next     mlpipe predict --model {folder} --input FILE{allow}")
    return 0


def register(
    run: Run = "latest",
    alias: Annotated[
        str | None, typer.Option("--alias", metavar="ALIAS", help="Point this alias at it.")
    ] = None,
    reason: o.Reason = "",
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    registry: o.Registry = None,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Copy the model of a run into the registry, as its next version."""
    from mlpipe.cli import render
    from mlpipe.run.registering import register_run, words
    from mlpipe.run.store import Store

    store = Store(runs_dir, create=False)
    done = register_run(store, run, registry, alias=alias, reason=reason)
    if done.verdict == "failed":
        render.progress(f"warning: the verdict of {done.run} is failed")
    if json:
        render.json_document({**vars(done.found), "run": done.run, "alias": alias})
    else:
        render.say(words(done.found) + (f", {alias}" if alias else ""))
        if alias != "champion":
            version = f"{done.found.name}@{done.found.version}"
            render.say(f"next     mlpipe promote {version} --to champion")
    return 0


def promote(
    model: Annotated[
        str, typer.Argument(metavar="NAME@ALIAS", help="churn@challenger, or churn@3.")
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="ALIAS", help="The alias to move.")
    ] = "champion",
    reason: o.Reason = "",
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    registry: o.Registry = None,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Point an alias, usually champion, at another version."""
    from mlpipe.registry.names import reference
    from mlpipe.registry.registry import Registry
    from mlpipe.run.models import REGISTRY, act

    models = Registry(registry or Path(REGISTRY))
    return _moved(models.promote(reference(model), to, act(reason)), json=json)


def rollback(
    name: Name,
    alias: Annotated[
        str, typer.Option("--alias", metavar="ALIAS", help="The alias to move back.")
    ] = "champion",
    reason: o.Reason = "",
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    registry: o.Registry = None,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Point an alias back at the version before, as the log has it."""
    from mlpipe.registry.registry import Registry
    from mlpipe.run.models import REGISTRY, act

    models = Registry(registry or Path(REGISTRY))
    return _moved(models.rollback(name, alias, act(reason)), json=json)


def list_models(
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    registry: o.Registry = None,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """List the registered models and where their aliases point."""
    from mlpipe.cli import render
    from mlpipe.registry.registry import Registry
    from mlpipe.run.models import REGISTRY

    models = Registry(registry or Path(REGISTRY))
    rows = [
        {"model": name, "versions": len(models.versions(name)), "aliases": models.aliases(name)}
        for name in models.names()
    ]
    if json:
        render.json_document(rows)
    elif not rows:
        render.say(f"no models in {models.root} yet")
    else:
        render.table(list(rows[0]), [[_cell(value) for value in row.values()] for row in rows])
    return 0


def show_model(
    name: Name,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    registry: o.Registry = None,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Show the versions of a model: run, metric, verdict, aliases."""
    from mlpipe.cli import render
    from mlpipe.registry.registry import Registry
    from mlpipe.run.models import REGISTRY

    versions = Registry(registry or Path(REGISTRY)).versions(name)
    if json:
        cards = [{**each.card, "aliases": list(each.aliases)} for each in versions]
        render.json_document(cards)
        return 0
    keys = ["version", "when", "who", "run", "verdict"]
    rows = [
        [*(str(each.card.get(key) or "–") for key in keys), _metric(each.card), _cell(each.aliases)]
        for each in versions
    ]
    render.table([*keys, "metric", "aliases"], rows)
    return 0


def show_log(
    name: Name,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    registry: o.Registry = None,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Show who did what to a model, and why, oldest first."""
    from mlpipe.cli import render
    from mlpipe.registry.registry import Registry
    from mlpipe.run.models import REGISTRY

    events = Registry(registry or Path(REGISTRY)).log(name)
    if json:
        render.json_document([event.said() for event in events])
        return 0
    for event in events:
        moved = ""
        if event.alias:
            moved = f"  {event.alias}: {event.moved_from or 'none'} → {event.version}"
        why = f"  {event.reason}" if event.reason else ""
        render.say(f"{event.when}  {event.who}  {event.what} {event.version}{moved}{why}")
    return 0


def _moved(moved: "Moved", *, json: bool) -> int:
    from mlpipe.cli import render

    place = f"{moved.name}@{moved.alias}"
    if json:
        render.json_document(vars(moved))
    elif moved.is_news:
        render.say(f"{place}: {moved.before or 'none'} → {moved.version}")
    else:
        render.say(f"{place} is version {moved.version} already")
    return 0


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} → {item}" for key, item in value.items()) or "–"
    return (", ".join(map(str, value)) or "–") if isinstance(value, tuple) else str(value)


def _metric(card: "Mapping[str, Any]") -> str:
    rows = (card.get("metrics") or {}).get("rows") or []
    value = rows[0]["value"] if rows else None
    return "–" if value is None else f"{rows[0]['name']} {value:.4f}"
