"""The way out of SQL: a function over the sources."""

import pytest

from mlpipe.errors import ComputeError, SpecError

SOURCES = {"left": {"path": "left.csv"}, "right": {"path": "right.csv"}}


@pytest.fixture
def shaped(read, tmp_path):
    (tmp_path / "left.csv").write_text("id,x\n1,2\n2,3\n")
    (tmp_path / "right.csv").write_text("id,y\n1,a\n")

    def shaped(body: str):
        (tmp_path / "shape.py").write_text(f"import pandas as pd\n\n{body}")
        spec = {"sources": SOURCES, "python": "shape.py:shape"}
        return read(spec=spec, variables={"factor": "3"})

    return shaped


def test_frames_by_name_in_one_frame_out(shaped):
    result = shaped(
        "def shape(sources, variables):\n"
        "    both = sources['left'].merge(sources['right'], how='left')\n"
        "    return both.assign(z=both['x'] * int(variables['factor']))\n"
    )
    assert result.types == {"id": "integer", "x": "integer", "y": "string", "z": "integer"}
    assert result.column("z") == [6, 9]
    assert result.column("y") == ["a", None]


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ("def other(sources, variables): ...", SpecError, "defines no function 'shape'"),
        ("def shape(sources, variables): 1 / 0", ComputeError, "ZeroDivisionError"),
        ("def shape(sources, variables): return 3", ComputeError, "returned int"),
        (
            "def shape(sources, variables):\n    return pd.DataFrame({'a': [1], 'A': [2]})",
            ComputeError,
            "one name but for case",
        ),
        (
            "def shape(sources, variables):\n    return pd.DataFrame({'a': [1, 'x']})",
            ComputeError,
            "no table holds",
        ),
        (
            "def shape(sources, variables):\n    return sources['left'].head(0)",
            Exception,
            "the function returned no rows",
        ),
    ],
)
def test_what_a_function_may_not_do(shaped, body, error, said):
    with pytest.raises(error, match=said):
        shaped(body)


def test_sql_and_python_do_not_go_together(read):
    with pytest.raises(ValueError, match="sql and python both shape the table"):
        read(spec={"sources": SOURCES, "sql": "select 1", "python": "shape.py:shape"})
