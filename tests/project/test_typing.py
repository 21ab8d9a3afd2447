"""The public API is held to its types by two checkers."""

import ast
import tomllib
from pathlib import Path

import offramp

ROOT = Path(__file__).parents[2]
TYPING = ROOT / "tests" / "typing"


def test_both_checkers_read_every_file_of_it():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    pyright = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pyright"]

    assert "tests/typing" in pyright["include"]
    assert all(f"tests/typing/{path.name}" in makefile for path in TYPING.glob("*.py"))


def test_every_class_of_the_front_door_is_in_it():
    doors = ("offramp.client", "offramp.blocking", "offramp._session", "offramp._stream", "offramp.config")
    classes = {name for name in offramp.__all__ if getattr(offramp, name).__module__ in doors}

    imported = {
        alias.name
        for node in ast.walk(ast.parse((TYPING / "api.py").read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "offramp"
        for alias in node.names
    }

    assert len(classes) >= 9
    assert classes <= imported


def test_every_package_says_that_it_is_typed():
    packages = ("adapter/offramp", "providers/offramp_providers", "contract_tests/offramp_conformance")

    assert all((ROOT / package / "py.typed").exists() for package in packages)
