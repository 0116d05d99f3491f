"""What CI servers read of JUnit XML: the schema of Jenkins' xUnit plugin, written as a table."""

from xml.etree import ElementTree as ET

# element -> (attributes that it must have, those that it may have, children in their order)
SCHEMA: dict[str, tuple[set[str], set[str], list[str]]] = {
    "testsuites": (
        set(),
        {"name", "time", "tests", "failures", "disabled", "errors"},
        ["testsuite"],
    ),
    "testsuite": (
        {"name", "tests"},
        {"failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "testcase": (
        {"name", "classname"},
        {"time", "status", "assertions", "file", "line"},
        ["skipped", "error", "failure", "system-out", "system-err"],
    ),
    "failure": (set(), {"message", "type"}, []),
    "error": (set(), {"message", "type"}, []),
    "skipped": (set(), {"message", "type"}, []),
}
NUMBERS = {"tests", "failures", "errors", "skipped", "disabled"}


def violations(text: str) -> list[str]:
    """Return what a reader of JUnit XML would stumble over; nothing where it is sound."""
    root = ET.fromstring(text.encode("utf-8"))
    found = [] if root.tag == "testsuites" else [f"the root is {root.tag}"]
    for element in root.iter():
        found += _of_element(element)
    for suite in root.findall("testsuite"):
        found += _of_counts(suite)
    return found


def _of_element(element: ET.Element) -> list[str]:
    if element.tag not in SCHEMA:
        return [f"<{element.tag}> is unknown"]
    must, may, children = SCHEMA[element.tag]
    there = set(element.keys())
    found = [f"<{element.tag}> lacks {name}" for name in must - there]
    found += [f"<{element.tag}> has {name}" for name in there - must - may]
    found += [
        f"{name} is no count: {value}"
        for name, value in element.items()
        if name in NUMBERS and not value.isdecimal()
    ]
    places = [children.index(each.tag) if each.tag in children else -1 for each in element]
    if places != sorted(places) or -1 in places:
        found.append(f"<{element.tag}> holds {[each.tag for each in element]}")
    if "time" in there and not float(element.get("time", "")) >= 0:
        found.append("a time below 0")
    return found


def _of_counts(suite: ET.Element) -> list[str]:
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counted = {name: len(suite.findall(f"testcase/{tag}")) for name, tag in tags.items()}
    counted["tests"] = len(suite.findall("testcase"))
    names = [(each.get("classname"), each.get("name")) for each in suite.findall("testcase")]
    found = [f"{name}: {n}" for name, n in counted.items() if suite.get(name) != str(n)]
    return found + ([] if len(set(names)) == len(names) else ["two cases have one name"])
