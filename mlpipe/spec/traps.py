"""The traps of YAML: what a person meant, what YAML reads, and how to write it instead.

Each function returns a message and a hint, or None where all is well.
"""

import json
import re
from typing import Any

import yaml

from mlpipe.errors import Problem
from mlpipe.spec.mark import Mark

__all__ = ["SECOND_DOCUMENT", "alias", "bare_key", "explained", "odd_key", "scalar", "tag"]

Trap = tuple[str, str]

SECOND_DOCUMENT: Trap = (
    "a spec is one YAML document; another starts here",
    "keep variants under `profiles`, or in files of their own with `extends`",
)

_WORD = re.compile(r"[^,\[\]{}\r\n]*?(?=[ \t]*(?:[,\[\]{}\r\n]|[ \t]#|\Z))")
_REST = re.compile(r"[^\r\n]*?(?=[ \t]*(?:[\r\n]|[ \t]#|\Z))")
_LINE = re.compile(r"[^\r\n]*")
_SQL_COMMENT = re.compile(r"(?:^|[ \t])--(?:[ \t\w]|\Z)")
_SQL = re.compile(r"(?i)\b(?:select|from|where|join|case)\b|[<>=]")
_HASH = re.compile(r"[ \t]+#[^ \t\r\n#!]")
_NO_SPACE = re.compile(r"[ ]*(?:- )?([\w.-]{1,60}:)[^\s:/]")
_REACH = 200
_VARIABLE = re.compile(r"\$\{(?:env|secret):")


def scalar(event: Any, text: str, *, flow: bool) -> Trap | None:
    """Judge a scalar that the parser has no quarrel with."""
    if event.style in ("|", ">"):
        return _block(event, text)
    if event.style in ("'", '"'):
        return _sql_comment(event, text)
    return _cut(event, text, flow=flow) or _sql_comment(event, text)


def _block(event: Any, text: str) -> Trap | None:
    if event.value:
        return _sql_comment(event, text) if event.style == ">" else None
    header = _word(text, event.start_mark.index, flow=False)
    return f"'{header}' starts a block of text in YAML, and the block is empty", _quote(header)


def _sql_comment(event: Any, text: str) -> Trap | None:
    """Find ``-- …`` in SQL of several lines that YAML folds into one."""
    source = text[event.start_mark.index : event.end_mark.index]
    if "--" not in source or not _SQL.search(event.value):
        return None
    lines = source.rstrip().splitlines()
    if not any(_SQL_COMMENT.search(line) for line in lines[:-1]):
        return None
    return (
        "folded text is one line: the SQL comment (--) hides all that follows it",
        "keep the lines with `|`",
    )


def _cut(event: Any, text: str, *, flow: bool) -> Trap | None:
    """Find a plain value that a ``#`` or a comma cut short."""
    if _HASH.match(text, event.end_mark.index) and _is_text(event):
        cut = _line(text, event.start_mark.index)
        what = f"the '#' after '{_short(event.value)}'" if event.value else "the '#'"
        return (
            f"{what} starts a comment and cuts the value",
            f"{_quote(cut)}; or put a space after '#'",
        )
    if flow and event.value.count("(") != event.value.count(")"):
        return f"a comma ends a value here: '{_short(event.value)}' is cut short", "quote the value"
    if event.anchor and not event.value:
        word = f"&{event.anchor}"
        return f"'{word}' names an anchor in YAML, and the value is empty", _quote(word)
    return None


def _is_text(event: Any) -> bool:
    """Tell whether a ``#`` behind it may have been part of it: nothing, or no number."""
    return not event.value or not re.fullmatch(r"[-+0-9.eE]+|true|false|null|~", event.value)


def bare_key(key: Any, value: Any, text: str) -> Trap | None:
    """Find ``{a: 1, b}``: a key without a colon, which YAML takes for ``b: null``."""
    between = text[key.end_mark.index : value.start_mark.index]
    empty = isinstance(value, yaml.ScalarEvent) and not value.value and not value.style
    if not empty or not isinstance(key, yaml.ScalarEvent) or ":" in between:
        return None
    word = _short(key.value)
    if not key.style and re.match(r"[\w.-]+:\S", key.value):
        return f"a space is missing after the colon of '{word}'", "write `key: value`"
    return f"'{word}' has no value; a comma ends a value inside {{}}", "quote a value with commas"


def odd_key(event: Any, text: str) -> Trap:
    """Explain a key that is no plain word."""
    start = event.start_mark.index
    if isinstance(event, yaml.AliasEvent):
        return f"'*{event.anchor}' as a key is an alias in YAML", _quote(f"*{event.anchor}")
    if isinstance(event, yaml.MappingStartEvent) and text.startswith("{{", start - 1):
        return "templates ({{ }}) are not part of a spec", 'take values from "${env:NAME}" or -S'
    if not isinstance(event, yaml.ScalarEvent):
        return "a key is one word, not a list or a mapping", "quote it if text is meant"
    if event.value or event.anchor or event.tag:
        return "a key takes no tag and no anchor", "quote it if text is meant"
    if "?" in text[max(start - 3, 0) : start]:
        return "'?' starts a key in YAML, and the key is empty", _quote("?")
    return "a key is missing before the colon", "write `key: value`"


def tag(event: Any, text: str) -> Trap:
    """Explain ``!x``, which YAML takes for a type."""
    word = _line(text, event.start_mark.index)
    shown = word if word.startswith("!") else event.tag
    return f"tags ({_short(shown.split(' ')[0])}) are not part of a spec", _quote(word)


def alias(event: Any, *, known: bool) -> Trap:
    """Explain ``*x`` without an anchor before it, or inside of the anchor itself."""
    word = f"*{event.anchor}"
    if known:
        return f"'{word}' stands inside of its own anchor", "an anchor cannot hold itself"
    return f"'{word}' refers to an anchor in YAML, and there is none", _quote(word)


def explained(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """Say an error of the parser in words of the spec."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(str(error.problem or error), file)
    index = min(mark.index, len(text))
    found = _trap(error, text, index)
    if found is None:
        message, hint, at = error.problem or str(error), "", mark
    else:
        (message, hint), at = found, _start(error, text, index)
    return Problem(message, str(Mark(file, at.line + 1, at.column + 1)), hint=hint)


def _start(error: yaml.MarkedYAMLError, text: str, index: int) -> Any:
    """Point at the start of a word that cannot stand, where the parser points into it."""
    inside = "block scalar" in (error.context or "") or "alias" in (error.context or "")
    inside = inside or "anchor" in (error.context or "")
    unclosed = "unexpected end of stream" in (error.problem or "") or index >= len(text.rstrip())
    return error.context_mark if (inside or unclosed) and error.context_mark else error.problem_mark


def _trap(error: yaml.MarkedYAMLError, text: str, index: int) -> Trap | None:
    context, problem = error.context or "", error.problem or ""
    start = error.context_mark.index if error.context_mark else index
    if "block scalar" in context:
        return _block_text(text, start)
    if "alias" in context or "anchor" in context:
        word = _word(text, start, flow=True)
        kind = "refers to" if "alias" in context else "names"
        return f"'{word}' {kind} an anchor in YAML", _quote(word)
    if "cannot start any token" in problem:
        return _bad_start(text, index)
    if "quoted scalar" in context:
        return _quoted(problem, text, start)
    if "flow" in context or "flow" in problem:
        return _flow(text, start, index)
    return _misplaced(problem, text, index)


def _block_text(text: str, start: int) -> Trap:
    if "\t" in text[start : start + 200] and re.match(r"[|>][-+]*[ ]*[\r\n]", text[start:]):
        return "tabs cannot indent", "indent with spaces"
    word = _word(text, start, flow=False)
    return f"'{word}' starts a block of text in YAML", _quote(word)


def _bad_start(text: str, index: int) -> Trap:
    if text.startswith("\t", index):
        return "tabs cannot indent", "indent with spaces"
    word = _word(text, index, flow=True)
    return f"a value cannot start with '{text[index : index + 1]}'", _quote(word)


def _quoted(problem: str, text: str, start: int) -> Trap:
    quote = text[start : start + 1]
    if "end of stream" in problem or "document indicator" in problem:
        return f"the quote ({quote}) is never closed", f"close it with {quote}"
    if "escape" in problem or "hexdecimal" in problem:
        return "this escape (\\) is unknown in double quotes", "use single quotes for text with \\"
    return problem, ""


def _flow(text: str, start: int, index: int) -> Trap:
    opening = text[start : start + 1]
    closing = {"[": "]", "{": "}"}.get(opening, "] or }")
    between = text[start:index]
    if re.search(r"[\[,{][ \t]*\?", between):
        return "'?' starts a key in YAML", _quote("?")
    if _VARIABLE.search(text[start : index + 20]):
        return "a variable inside [] or {} is quoted", 'write "${env:NAME}"'
    if re.search(r"[ \t]#", between):
        return f"a '#' starts a comment, and '{closing}' is missing", "quote a value that holds '#'"
    if index >= len(text.rstrip()):
        shown = f"'{opening}'" if opening in ("[", "{") else "a bracket"
        return f"{shown} is never closed", f"close it with {closing}"
    return f"expected ',' or '{closing}'", "quote a value that holds any of , : [ ] { }"


def _misplaced(problem: str, text: str, index: int) -> Trap | None:
    if "mapping values are not allowed" in problem:
        return _second_colon(text, index)
    if "sequence entries are not allowed" in problem:
        return "a list cannot start on the line of its key", "start it on the next line, or use []"
    if "did not find expected key" in problem or "could not find expected ':'" in problem:
        return _no_key(text, index)
    if "document start" in problem:
        return "this is not part of the mapping above", "check the indentation"
    return None


def _second_colon(text: str, index: int) -> Trap:
    start = _line_start(text, index)
    if ": " in text[start:index]:
        return "a second ': ' in one value", "quote a value that holds ': '"
    above = text[:start].rstrip()
    if found := _NO_SPACE.match(above, _line_start(above, len(above))):
        return f"a space is missing after '{found[1]}' on the line above", "write `key: value`"
    return (
        "this line is indented deeper than the key above, which has a value",
        "check the indentation, and the space after each colon",
    )


def _line_start(text: str, index: int) -> int:
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def _no_key(text: str, index: int) -> Trap:
    if text[_line_start(text, index) : index].strip(" -"):
        return "the value ended before this", "quote the whole value"
    return "expected a key at this indentation", "check the indentation, and `key: value`"


def _word(text: str, start: int, *, flow: bool) -> str:
    """Return the value that was meant to start here, as far as a comma or a comment."""
    found = (_WORD if flow else _REST).match(text[start : start + _REACH])
    return _short(found[0]) if found else ""


def _line(text: str, start: int) -> str:
    found = _LINE.match(text[start : start + _REACH])
    return _short(found[0].strip()) if found else ""


def _short(word: str) -> str:
    return word if len(word) <= 60 else word[:59] + "…"


def _quote(word: str) -> str:
    """Suggest the quoted form."""
    if "…" in word or not word:
        return "quote the value if text is meant"
    return f"quote it: {json.dumps(word, ensure_ascii=False)}"
