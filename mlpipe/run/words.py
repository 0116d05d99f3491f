"""A few words on the result of each step, for its line in the terminal."""

import json
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["onnx_words", "uses_words", "words"]

Outputs = Mapping[str, Any]


def words(step: str, outputs: Outputs) -> str:
    """Return the words of one step, from its outputs."""
    return _WORDS[step](outputs)


def _ingest(outputs: Outputs) -> str:
    report = outputs["report"]
    return f"{report['rows']:,} rows, {report['rejected']:,} rejected"


def _split(outputs: Outputs) -> str:
    rows = outputs["report"]["rows"]
    return ", ".join(f"{part} {count:,}" for part, count in rows.items() if count)


def _validate(outputs: Outputs) -> str:
    checks = outputs["report"]["checks"]
    counts = dict.fromkeys(("passed", "warned", "failed"), 0)
    for check in checks:
        counts[check["status"]] = counts.get(check["status"], 0) + 1
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    found = len(outputs["report"].get("findings", []))
    checked = f"checks: {said}" if said else "no checks"
    return f"{checked}; {found} finding{'s' if found > 1 else ''}" if found else checked


def _featurize(outputs: Outputs) -> str:
    models = outputs["plan"]["models"]
    looked = len(outputs["plan"]["look_back"])
    columns = f"{len(outputs['plan']['inputs'])} columns"
    return f"{columns}, {looked} of them look back, for {', '.join(models)}"


def _train(outputs: Outputs) -> str:
    report = outputs["report"]
    fitted, search = report.get("fitted_on", {}), report.get("search")
    stopped = ", fitted on train, stopped by valid" if "stopped_by" in fitted else ""
    of = f", the best of {search['trials']} trials" if search else ""
    return f"{report['chosen']}: {report['metric']} {report['score']:.4f}{of}{stopped}"


def _bundle(outputs: Outputs) -> str:
    threshold = outputs["decision"].get("threshold")
    said = "no threshold" if threshold is None else f"threshold {threshold:.4g}"
    parity = outputs.get("parity.json")
    return said if parity is None else f"{said}; {onnx_words(json.loads(parity))}"


def onnx_words(parity: Mapping[str, Any]) -> str:
    """Return how the ONNX graph compares with the model, or why there is none."""
    if not parity["kept"]:
        return f"no ONNX: {parity['why']}"
    return f"ONNX equal within {parity['largest_difference']:.1g} on {parity['rows']:,} rows"


def _evaluate(outputs: Outputs) -> str:
    gates = outputs["verdict"]["gates"]
    passed = sum(gate["status"] == "pass" for gate in gates)
    said = f"{outputs['verdict']['status']}, {passed} of {len(gates)} gates pass"
    tests = outputs["verdict"].get("behaviour", [])
    behaved = sum(test["status"] == "pass" for test in tests)
    return f"{said}, {behaved} of {len(tests)} behaviour tests" if tests else said


def _explain(outputs: Outputs) -> str:
    names = [each["column"] for each in _strongest(outputs["report"])]
    return f"it uses {', '.join(names)}" if names else "no column matters"


def uses_words(report: Mapping[str, Any]) -> str:
    """Return the three columns that a model rests on most; nothing where none is known."""
    named = ", ".join(f"{each['column']} {each['value']:.3g}" for each in _strongest(report))
    return f"{named} (worse {report['metric']} when shuffled)" if named else ""


def _strongest(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for each in report["importance"] if each["value"] > 0][:3]


def _observe(outputs: Outputs) -> str:
    log = outputs["report"].get("log")
    if log and not outputs["report"]["rows"]:
        return f"{log['requests']:,} requests"
    chunks = len(outputs["report"]["chunks"])
    return f"{chunks} chunk{'' if chunks == 1 else 's'}, {outputs['report']['rows']:,} rows"


def _checks(outputs: Outputs) -> str:
    late, left_out = outputs["report"]["late"], len(outputs["report"]["left_out"])
    said = [_validate(outputs)]
    said += [f"{late:,} rows of the future set aside"] if late else []
    said += [f"{left_out} left out"] if left_out else []
    return "; ".join(said)


def _monitor(outputs: Outputs) -> str:
    report = outputs["report"]
    moved = [row["column"] for row in report["drift"] if row["status"] == "alert"]
    return f"{report['status']}: {', '.join(moved)}" if moved else str(report["status"])


_WORDS: dict[str, Callable[[Outputs], str]] = {
    "ingest": _ingest,
    "split": _split,
    "validate": _validate,
    "featurize": _featurize,
    "train": _train,
    "bundle": _bundle,
    "evaluate": _evaluate,
    "explain": _explain,
    "current": _ingest,
    "observe": _observe,
    "checks": _checks,
    "monitor": _monitor,
}
