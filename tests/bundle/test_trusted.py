from __future__ import annotations

import io
import json
import zipfile
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import skops.io

from mlpipe.bundle.canonical import dumps
from mlpipe.bundle.model import Model
from mlpipe.bundle.trusted import CODE, TRUSTED, loads
from mlpipe.errors import StoreError
from mlpipe.features.estimators.python import PythonColumns
from tests.bundle.samples import fitted


class Stranger:
    def __init__(self) -> None:
        self.x = 1


def edited(data: bytes, old: str, new: str) -> bytes:
    """The file with another text in its schema."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(buffer, "w") as made:
        for name in file.namelist():
            content = file.read(name)
            if name == "schema.json":
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            made.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", [*TRUSTED, *CODE])
def test_every_name_is_a_class(name: str) -> None:
    module, _, cls = name.rpartition(".")
    assert isinstance(getattr(import_module(module), cls), type)


def test_another_type_is_refused_by_name() -> None:
    data = skops.io.dumps({"model": Stranger()})
    with pytest.raises(StoreError) as caught:
        loads(data)
    (problem,) = caught.value.problems
    assert f"{__name__}.Stranger" in problem.message
    assert "trust=" in problem.hint
    assert loads(data, trust=[f"{__name__}.Stranger"])["model"].x == 1
    assert loads(data, trust=[__name__.partition(".")[0]])["model"].x == 1
    with pytest.raises(StoreError):
        loads(data, trust=[__name__[:3]])


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("builtins", "eval"), ("subprocess", "Popen"), ("builtins", "exec")],
)
@pytest.mark.parametrize("loader", ["FunctionNode", "TypeNode", "ObjectNode"])
def test_a_hostile_file_runs_nothing(module: str, name: str, loader: str, monkeypatch: Any) -> None:
    """The scaler of a sound model is replaced by a call that must not happen."""
    called: list[Any] = []
    monkeypatch.setattr(import_module(module), name, lambda *args, **_: called.append(args))
    data = edited(
        dumps({"x": np.sin}),
        '"__class__":"sin","__module__":"numpy","__loader__":"FunctionNode"',
        f'"__class__":"{name}","__module__":"{module}","__loader__":"{loader}"',
    )
    with pytest.raises(StoreError, match=f"{module}.{name}"):
        loads(data)
    assert called == []


def test_a_file_cannot_declare_itself_safe() -> None:
    data = edited(dumps(Stranger()), '"protocol"', '"trusted":true,"protocol"')
    with pytest.raises(StoreError, match="Stranger"):
        loads(data)


def test_code_needs_consent() -> None:
    source = "def f(frame):\n    return frame.assign(z=1.0)\n"
    data = dumps(PythonColumns("f.py", "f", source, {"z": "number"}))
    with pytest.raises(StoreError, match="Python code") as caught:
        loads(data)
    assert "allow_code=True" in caught.value.problems[0].hint
    assert loads(data, allow_code=True).source == source


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"no zip", dumps([1])[:-30], zipfile.ZipFile.__name__.encode()]
)
def test_what_is_no_file_of_skops(data: bytes) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        loads(data)


@pytest.mark.parametrize("value", [[1], {"task": "binary"}, {"pipeline": 1, "task": 2}])
def test_what_is_no_model(value: Any) -> None:
    with pytest.raises(StoreError, match="no model of ours"):
        Model.loads(dumps(value))


def test_a_missing_array() -> None:
    data = fitted("ridge", "regression").dumps()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(buffer, "w") as made:
        made.writestr("schema.json", file.read("schema.json"))
    with pytest.raises(StoreError, match="cannot be read"):
        loads(buffer.getvalue())


def test_schema_that_is_no_schema() -> None:
    for text in ("[]", "{}", json.dumps({"protocol": 99})):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as made:
            made.writestr("schema.json", text)
        with pytest.raises(StoreError):
            loads(buffer.getvalue())
