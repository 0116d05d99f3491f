"""User code counts with everything it imports from its own folder."""

import pytest

from mlpipe.errors import SpecError
from mlpipe.run.code import source_closure, source_text


def _tree(folder, **files):
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def test_imports_are_followed(tmp_path):
    _tree(
        tmp_path,
        features="import os\nfrom ratios import safe\n",
        ratios="import lib.deep\nsafe = 1\n",
        lib__deep="from . import near\n",
        lib__near="",
        unrelated="",
    )
    found = [str(p.relative_to(tmp_path)) for p in source_closure(tmp_path / "features.py")]
    assert found == ["features.py", "lib/deep.py", "lib/near.py", "ratios.py"]


def test_packages_count_with_their_init_and_absolute_imports_inside_them(tmp_path):
    _tree(
        tmp_path,
        features="import pk.sub\n",
        pk__sub="from pk.other import g\n",
        pk__other="g = 1\n",
    )
    (tmp_path / "pk" / "__init__.py").write_text("")
    found = {str(p.relative_to(tmp_path)) for p in source_closure(tmp_path / "features.py")}
    assert found >= {"features.py", "pk/__init__.py", "pk/sub.py", "pk/other.py"}


def test_a_circle_ends(tmp_path):
    _tree(tmp_path, a="import b\n", b="import a\n")
    assert len(source_closure(tmp_path / "a.py")) == 2


def test_code_that_is_not_python_is_said_with_its_place(tmp_path):
    _tree(tmp_path, a="x = 1\ndef (:\n")
    with pytest.raises(SpecError, match=r"a\.py:2:5: this is not Python: invalid syntax"):
        source_closure(tmp_path / "a.py")


def test_the_text_is_read_in_the_encoding_that_the_file_says(tmp_path):
    (tmp_path / "a.py").write_bytes("# coding: latin-1\nname = 'ä'\n".encode("latin-1"))
    assert "'ä'" in source_text(str(tmp_path / "a.py"))
    with pytest.raises(SpecError, match="cannot read the code"):
        source_text(str(tmp_path / "none.py"))


def test_missing_code_is_said(tmp_path):
    with pytest.raises(SpecError, match=r"cannot read the code: No such file"):
        source_closure(tmp_path / "none.py")
