"""The exact rules against the engine's lenient casts, over all short texts there are."""

import itertools
import re

import duckdb
import pyarrow as pa
import pytest

from mlpipe.ingest.lexical import DATE, INTEGER, MARKS, NUMBER, lexical

ASCII = [chr(code) for code in range(1, 128)] + ["\u00a0", "é"]
TELLING = list("01.,eE+-_x \t\nINF:b")


def texts() -> list[str]:
    every = ("".join(each) for n in (1, 2) for each in itertools.product(ASCII, repeat=n))
    some = ("".join(each) for n in (3, 4) for each in itertools.product(TELLING, repeat=n))
    whole = ["9007199254740993", "9007199254740992", "-9007199254740993", "1e400", "+-1.5", "1e16"]
    return list(dict.fromkeys([*every, *some, *whole, "2024-02-30", "2024-02-29", "0x10"]))


def accepted(word: str, decimal: str = ".", marks: str = MARKS) -> set[str]:
    rule = lexical(word, decimal, marks=marks)
    con = duckdb.connect()
    con.register("given", pa.table({"x": texts()}))
    cast = f"SELECT x, {rule.cast_of('x')} AS v FROM given"
    query = f"SELECT x FROM ({cast}) WHERE {rule.accepts('x', 'v')}"
    return {row[0] for row in con.execute(query).fetchall()}


def shaped(pattern: str) -> set[str]:
    return {text for text in texts() if re.fullmatch(pattern, text)}


NOT_EXACT = {"9007199254740993", "-9007199254740993", "1e400"}


def test_a_number_is_what_its_shape_says_and_nothing_else():
    assert accepted("number") == shaped(NUMBER) - NOT_EXACT


def test_marks_that_are_not_there_need_not_be_looked_for():
    found = accepted("number", marks="")
    assert found - accepted("number") == {
        text for text in found if any(mark in text for mark in MARKS)
    } - {""}
    assert {text for text in found if not set(text) & set(MARKS)} == shaped(NUMBER) - NOT_EXACT


def test_a_decimal_comma_takes_the_place_of_the_point():
    pointed = {text for text in shaped(NUMBER) - NOT_EXACT if "." not in text}
    commas = {text for text in texts() if re.fullmatch(NUMBER.replace("[.]", "[,]"), text)}
    assert accepted("number", ",") == (commas | pointed) - NOT_EXACT


@pytest.mark.parametrize(("word", "shape"), [("integer", INTEGER), ("date", DATE)])
def test_integers_and_dates(word, shape):
    assert accepted(word) == shaped(shape) - {"2024-02-30"}


def test_booleans():
    words = {"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"}
    assert accepted("boolean") == {text for text in texts() if text.lower() in words}
