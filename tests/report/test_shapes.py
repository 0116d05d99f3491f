from mlpipe.report.shapes import profile_rows


def shape(picture):
    return profile_rows({"profile": [{"column": "x", "picture": picture}]})[0]["shape"]


def test_bars_of_a_histogram_stand_on_the_line_and_inside_the_picture():
    found = shape({"kind": "histogram", "edges": [0, 1, 2, 3], "counts": [1, 0, 4]})
    heights = [bar["height"] for bar in found["bars"]]
    assert heights == [8.75, 0.0, 35.0]
    assert all(bar["y"] + bar["height"] == 35.0 for bar in found["bars"])
    assert (found["low"], found["high"]) == ("0", "3")


def test_what_is_not_among_the_most_frequent_is_named_together():
    found = shape(
        {"kind": "bars", "labels": list("abcdef"), "counts": [4, 2, 1, 1, 1, 1], "rest": 0}
    )
    assert [row["label"] for row in found["rows"]] == ["a", "b", "c", "d", "others"]
    assert sum(row["share"] for row in found["rows"]) == 1


def test_a_hidden_column_has_a_shape_without_values():
    bars = shape({"kind": "bars", "labels": None, "counts": [3, 1], "rest": 0})
    assert [row["label"] for row in bars["rows"]] == [None, None]
    bins = shape({"kind": "histogram", "edges": None, "counts": [3, 1]})
    assert (bins["low"], bins["bars"][0]["label"]) == (None, "")


def test_an_empty_column_has_no_picture():
    assert shape(None) is None
    assert shape({"kind": "histogram", "edges": [0, 1], "counts": [0]}) is None
