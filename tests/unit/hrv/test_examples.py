"""Every public function of the numerics has an example; pytest runs the examples (`--doctest-modules`)."""

import ast
from pathlib import Path

import pytest

import hrv

MODULES = sorted(Path(hrv.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=[module.stem for module in MODULES])
def test_every_public_function_has_an_example(module):
    functions = [node for node in ast.parse(module.read_text()).body if isinstance(node, ast.FunctionDef)]
    public = [node for node in functions if not node.name.startswith("_")]
    assert [node.name for node in public if ">>>" not in (ast.get_docstring(node) or "")] == []
