"""The pages in a real browser: real runs, hostile names, and what the checker must catch."""

import json
import shutil
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from mlpipe.report.bounded import LARGEST
from mlpipe.report.compared import compared
from mlpipe.report.index import index
from mlpipe.report.page import page
from tests.project import mlpipe, write_project
from tests.report import documents, watched
from tests.report.browser import faults

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EVIL = (
    '<script>window.hacked = 1</script>"><img src=x onerror="window.hacked = 1">',
    "]]> --> </style></svg><script>window.hacked = 1</script>",
    "{{ 7 * 7 }}{% raw %}${7 * 7}",
    "' onmouseover='window.hacked = 1",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "nul\x00bell\x07escape\x1b[31m",
    "a" * 5000,
    "https://example.org/x.png",
)


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on the path")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """Return a project with two runs, of which the second tried another model."""
    folder = write_project(tmp_path_factory.mktemp("pages"))
    for options in ((), ("-S", "train.models.linear.C=0.001")):
        done = mlpipe(folder, "run", "mlpipe.yaml", *options)
        assert done.returncode == 0, done.stderr
    return folder


def written(folder: Path, html: str) -> Path:
    path = folder / "page.html"
    path.write_bytes(html.encode("utf-8", "surrogatepass"))
    return path


def spiked(value: Any, evil: Iterator[str]) -> Any:
    """Put a hostile text, another each time, in place of every text that is free."""
    if isinstance(value, str):
        return next(evil)
    if isinstance(value, dict):
        return {key: item if key in WORDS else spiked(item, evil) for key, item in value.items()}
    return [spiked(item, evil) for item in value] if isinstance(value, list) else value


WORDS = ("status", "kind", "href", "path", "parts", "severity")


def test_a_real_page_is_sound(browser, project) -> None:
    (first, second) = sorted((project / "runs" / "small").glob("0*"))

    assert faults(browser, first / "report.html") == []
    assert faults(browser, second / "report.html") == []


def test_the_index_and_a_comparison_are_sound(browser, project) -> None:
    for arguments, name in (((), "report.html"), (("1", "2"), "compare.html")):
        done = mlpipe(project, "report", *arguments)

        assert done.stdout == f"page     runs/{name}\n", done.stderr
        assert faults(browser, project / "runs" / name) == []


def test_a_link_of_the_index_opens_the_page_of_the_run(browser, project) -> None:
    mlpipe(project, "report")
    tab = browser.new_page()
    tab.goto((project / "runs" / "report.html").as_uri())
    tab.locator("th[scope=row] a").last.click()

    assert tab.title() == "small: Passed"
    assert "/runs/small/0001-" in tab.url
    tab.close()


def test_hostile_texts_are_text(browser, tmp_path) -> None:
    evil = cycle(EVIL)
    document = spiked(documents.document(), evil)
    document["evaluate"]["report"]["figures"] = documents.points()
    document["evaluate"]["report"]["figures"]["confusion"]["labels"] = EVIL[:2]
    document["evaluate"]["report"]["slices"] = [
        {**row, "slice": {each: each}}
        for row, each in zip(documents.evaluate()["slices"] * 3, EVIL, strict=False)
    ]
    document["featurize"]["models"] = dict.fromkeys(EVIL, document["featurize"]["models"]["linear"])

    assert faults(browser, written(tmp_path, page(document))) == []


def test_hostile_texts_are_text_in_the_index_and_in_a_comparison(browser, tmp_path, project):
    evil = cycle(EVIL)
    found = json.loads(mlpipe(project, "report", "1", "2", "--json").stdout)
    told = spiked(found, evil)
    told["parts"] = dict.fromkeys(EVIL, found["parts"]["test"])
    drawn = {"figures": documents.points(), "threshold": 0.5}
    told["runs"] = [{**run, **drawn} for run in told["runs"]]
    whole = spiked(json.loads(mlpipe(project, "report", "--json").stdout), evil)

    assert faults(browser, written(tmp_path, compared(told))) == []
    assert faults(browser, written(tmp_path, index({"title": EVIL[0], **whole}))) == []


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ('<img src="https://example.org/x.png" alt="x">', "request: https://example.org/x.png"),
        ("<style>@import url(https://example.org/x.css)</style>", "request: https://example.org"),
        ("<script>console.error('no')</script>", "console: no"),
        ("<script>throw new Error('no')</script>", "error: no"),
        ("<script>window.hacked = 1</script>", "hacked"),
        ('<b onclick="1">x</b>', "a handler: onclick"),
        ('<div style="width: 2000px">x</div>', "pixels wider than 400"),
        ('<p style="color: #777; background: #888">x</p>', "light, pale: P. 1.2"),
        ('<p style="color: rgb(0 0 0 / 20%)">x</p>', "dark, pale: P."),
        ('<a href="#nowhere">x</a>', "a link to nothing: #nowhere"),
        ('<a href="gone.html">x</a>', "a link to no file: file://"),
        ("<h4>x</h4>", "h4 after h1"),
        ('<i id="a"></i><i id="a"></i>', "id twice: a"),
        ("<table><tr><td>1</td></tr></table>", "a table without header cells"),
        ("<svg></svg>", "a picture without a label"),
        ("<figure></figure>", "a figure without a caption"),
        ("<style>@media print { nav { display: block !important } }</style>", "on paper"),
        ("<style>details::details-content { content-visibility: hidden !important }</style>",
         "folded on paper: more"),
    ],
)  # fmt: skip
def test_the_checker_catches(browser, tmp_path, planted, fault) -> None:
    sound = page({})
    head = '<nav><a href="#x">x</a></nav><p id="x">x</p>'
    head += "<details><summary>more</summary><p>x</p></details>"
    policy = sound.index("<meta http-equiv")
    bare = sound[:policy] + sound[sound.index(">", policy) + 1 :]
    broken = bare.replace("<main>", f"<main>{head}{planted}")

    assert faults(browser, written(tmp_path, bare)) == []
    assert any(fault in each for each in faults(browser, written(tmp_path, broken)))


def test_what_slips_in_cannot_call_out(browser, tmp_path) -> None:
    """The policy of the page holds even where a template forgot to escape."""
    planted = '<img src="https://example.org/x.png" alt="x"><script>window.hacked = 1</script>'
    found = faults(browser, written(tmp_path, page({}).replace("<main>", f"<main>{planted}")))

    assert not [each for each in found if each.startswith(("request", "hacked"))]
    assert [each for each in found if "Content Security Policy" in each]


def test_a_page_stays_small_whatever_was_run(browser, tmp_path) -> None:
    html = page(enormous())

    assert len(html.encode()) <= LARGEST < 3_000_000
    assert "profile: the first" in html
    assert faults(browser, written(tmp_path, html)) == []


def enormous() -> dict[str, Any]:
    """Return a document with 5,000 columns, 500 slices and 50 models."""
    document = documents.document()
    names = [f"column_{at}_{'of_a_long_name' * 3}" for at in range(5000)]
    profile = document["validate"]["profile"][0]
    picture = {"kind": "bars", "labels": names[:20], "counts": [3] * 20, "rest": 9}
    document["validate"]["profile"] = [
        {**profile, "column": name, "picture": picture} for name in names
    ]
    document["validate"]["checks"] = [
        documents.check("nullable", name, "failed", "error", 2, f"{name}: 2 rows") for name in names
    ]
    blocks = [{"columns": names, "steps": ["scale"], "reason": "numbers"}]
    model = {"family": "linear", "blocks": blocks, "dropped": []}
    document["featurize"]["models"] = {f"model {at}": model for at in range(50)}
    row = document["evaluate"]["report"]["slices"][0]
    document["evaluate"]["report"]["slices"] = [
        {**row, "slice": {"city": f"city {at}"}} for at in range(500)
    ]
    candidate = document["train"]["candidates"]["models"][0]
    document["train"]["candidates"]["models"] = [
        {**candidate, "name": f"model {at}"} for at in range(50)
    ]
    drift = document["monitor"]["drift"][1]
    document["monitor"]["drift"] = [{**drift, "column": name} for name in names]
    document["run"]["packages"] = {f"package-{at}": "1.0" for at in range(3000)}
    document["spec"] = "x: 1\n" * 200_000
    return document


@pytest.mark.parametrize("name", ["churn", "clinic", "demand", "support"])
def test_the_pages_of_the_sample_data_are_sound(browser, tmp_path, name) -> None:
    for folder in ("configs", "sample_data"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    mlpipe(tmp_path, "run", f"configs/{name}.yaml")
    mlpipe(tmp_path, "report")
    (path,) = tmp_path.glob(f"runs/{name}/0001-*/report.html")

    assert faults(browser, path) == []
    assert faults(browser, tmp_path / "runs" / "report.html") == []


@pytest.mark.parametrize(("chunks", "columns"), [(60, 12), (1, 12), (60, 500)])
def test_the_timeline_of_monitor_is_sound(browser, tmp_path, chunks, columns) -> None:
    told = {"monitor": watched.report(chunks, columns), "retrain": watched.RETRAIN}
    html = page({"title": "churn", "model": "churn@4", **told})

    assert len(html.encode()) < LARGEST
    assert faults(browser, written(tmp_path, html)) == []


def test_hostile_names_are_text_in_the_timeline(browser, tmp_path) -> None:
    evil = cycle(EVIL)
    report = spiked(watched.report(60, 30), evil)
    for record in report["timeline"]["chunks"]:
        record["measures"] = {
            f"{each['group']}.{EVIL[at % len(EVIL)]}": {**each, "status": "alert"}
            for at, each in enumerate(record["measures"].values())
        }

    html = page({"title": "x", "monitor": report, "model": next(evil)})

    assert faults(browser, written(tmp_path, html)) == []


def test_nothing_in_a_figure_runs_over_its_edge(browser, tmp_path) -> None:
    """Axis labels and ends stay in the figure, and no label lies on another."""
    html = page({"title": "churn", "monitor": watched.report()})
    tab = browser.new_page(viewport={"width": 400, "height": 900})
    tab.goto(written(tmp_path, html).as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    assert tab.evaluate(CROWDED) == []
    tab.close()


CROWDED = """() => {
  const faults = [];
  for (const figure of document.querySelectorAll('.figures.small figure')) {
    const name = figure.querySelector('svg').getAttribute('aria-label');
    const edge = figure.getBoundingClientRect();
    const labels = [...figure.querySelectorAll('svg text, .ends span')]
      .map((each) => each.getBoundingClientRect());
    for (const [at, box] of labels.entries()) {
      if (box.left < edge.left || box.right > edge.right) faults.push(`${name}: over the edge`);
      for (const other of labels.slice(at + 1))
        if (box.left < other.right && other.left < box.right &&
            box.top + 1 < other.bottom && other.top + 1 < box.bottom)
          faults.push(`${name}: labels on each other`);
    }
  }
  if (!document.querySelector('.figures.small figure')) faults.push('no figures');
  return faults;
}"""
