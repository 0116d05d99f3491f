"""Start-up time: ``--help`` against a bare Typer app, and a run with nothing to do.

Both sides run in turn on the same machine, so that a busy moment hits both; the best of each is
compared, as DESIGN section 9 does. Run ``make benchmark``.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
HELP_LIMIT = 1.25
NOOP_LIMIT = 2.0
NOOP_SECONDS = 0.3
ROUNDS = 9


def bare_app() -> str:
    """Return the source of a Typer app with the same verbs and options, and nothing else."""
    import typer

    from mlpipe.cli import app

    lines = ["import typer", "from typing import Annotated", "app = typer.Typer(name='bare')"]
    lines.append("runs = typer.Typer()")
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        for child, parent in (
            [(command, "app")] if inner is None else [(each, "runs") for each in inner.values()]
        ):
            lines += _command(child.name or name, child, parent)
    lines += ["app.add_typer(runs, name='runs', help='x')", "app()"]
    return "\n".join(lines)


def _command(name: str, command: object, parent: str) -> list[str]:
    options = [p for p in command.params if p.name != "help"]  # type: ignore[attr-defined]
    fields = ", ".join(_option(number, p) for number, p in enumerate(options))
    doc = repr(command.help or "")  # type: ignore[attr-defined]
    return [f"def _{name}({fields}): pass", f"{parent}.command({name!r}, help={doc})(_{name})"]


def _option(number: int, parameter: object) -> str:
    names = [o for o in parameter.opts if o.startswith("-")]  # type: ignore[attr-defined]
    if not names:
        return f"a{number}: str = typer.Argument('x')"
    flag = getattr(parameter, "is_flag", False)
    text = getattr(parameter, "help", "") or ""
    declared = ", ".join(map(repr, names))
    kind, default = ("bool", "False") if flag else ("str", "''")
    return f"a{number}: Annotated[{kind}, typer.Option({declared}, help={text!r})] = {default}"


def seconds(command: list[str], directory: Path) -> float:
    """Return the wall-clock seconds of one run of a command."""
    began = time.perf_counter()
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    return time.perf_counter() - began


def best(commands: dict[str, tuple[list[str], Path]]) -> dict[str, float]:
    """Return the best time of each command, the rounds interleaved."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, (command, directory) in commands.items():
            times[name].append(seconds(command, directory))
    return {name: min(found) for name, found in times.items()}


def main() -> int:
    """Print the figures and return 1 where a budget is exceeded."""
    mlpipe = str(Path(sys.executable).parent / "mlpipe")
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(bare_app())
        run = [mlpipe, "run", "configs/churn.yaml", "--runs-dir", f"{folder}/runs"]
        for _ in range(3):  # the second and third write the receipt once all files are settled
            subprocess.run(run, cwd=ROOT, check=True, capture_output=True)
            time.sleep(2.1)
        found = best(
            {
                "bare": ([sys.executable, str(bare), "--help"], ROOT),
                "help": ([mlpipe, "--help"], ROOT),
                "noop": (run, ROOT),
            }
        )
    ratio, noop = found["help"] / found["bare"], found["noop"] / found["help"]
    print(f"bare Typer app --help   {found['bare']:.3f} s")
    print(f"mlpipe --help           {found['help']:.3f} s   {ratio:.2f} × bare (≤ {HELP_LIMIT})")
    print(
        f"mlpipe run, nothing new {found['noop']:.3f} s   {noop:.2f} × --help (≤ {NOOP_LIMIT}),"
        f" limit {NOOP_SECONDS} s"
    )
    within = ratio <= HELP_LIMIT and noop <= NOOP_LIMIT and found["noop"] <= NOOP_SECONDS
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
