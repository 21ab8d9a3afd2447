"""Break the encoders in one small place at a time, and see whether the accounting tests and each dialect's own notice.

Each mutant lives in a forked process and in memory only; no file is changed. A survivor is a rule that no test
reaches, or a change that makes no difference. `make mutants` runs it now and then; it is no part of the tests.
"""

import argparse
import ast
import copy
import importlib.util
import multiprocessing
import multiprocessing.pool
import os
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
DIALECTS: Final = ROOT / "providers" / "offramp_providers" / "dialects"
FOLDERS: Final = ("anthropic_messages", "openai_chat")
NOT_ENCODERS: Final = re.compile(
    r"errors|options|stream\.py|stream_reading|candidate_reading|shapes|fields|__init__|chunks"
)
"""Files that only read, or that hold no rules."""
READERS: Final = re.compile(
    r"_?(decode|take|read|is|are|residual|unknown|block_wire|served|absences|origin_of|fold)\b|.*_?(decode|take)_"
)
"""Functions that only read."""
TESTS: Final = ("must_keep", "poison", "leaves", "streams", "schemas", "saturation", "properties")
"""Modules of `tests/accounting`, the quickest killers first."""
SLOW: Final = re.compile("robustness|accounting|strict_vendor|crossing")
"""Tests of one dialect that ask again what these do, and take long."""
TIMEOUT_S: Final = 400.0

_FLIPS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    module: str
    path: Path
    line: int
    what: str
    number: int
    """Which of the file's changes."""

    def __str__(self) -> str:
        source = self.path.read_text(encoding="utf-8").splitlines()[self.line - 1].strip()
        return f"{self.path.relative_to(DIALECTS)}:{self.line}: {self.what}: {source}"


def sites(tree: ast.Module) -> Iterator[tuple[ast.AST, str, Any]]:
    """Every change: the node, what is done to it, and where in it."""
    for node in _encoding(tree):
        match node:
            case ast.If():
                yield node, "negate the condition", None
            case ast.Compare(ops=[operator]) if type(operator) in _FLIPS:
                yield node, "flip the comparison", None
            case ast.BoolOp():
                yield node, "swap and, or", None
            case ast.Constant(value=bool() | int() | str() as value) if not _is_prose(value):
                yield node, "change the constant", None
            case ast.Dict():
                yield from ((node, "remove an entry", place) for place in range(len(node.keys)))
            case _:
                pass
        yield from _dropped(node)


def _is_prose(value: object) -> bool:
    """Sentences for a person, whose words no test should fix."""
    return isinstance(value, str) and " " in value


def _dropped(node: ast.AST) -> Iterator[tuple[ast.AST, str, Any]]:
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        for place, statement in enumerate(block if isinstance(block, list) else ()):
            if _is_dropped(statement):
                yield node, "drop a statement", (name, place)


def _is_dropped(statement: ast.AST) -> bool:
    said = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    stored = isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Name)
    return said or stored or isinstance(statement, ast.AugAssign | ast.If | ast.Delete)


def _encoding(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes of functions that write, and of tables; no docstrings, no readers, no annotations."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef) and READERS.match(child.name):
            continue
        if isinstance(child, ast.Import | ast.ImportFrom | ast.arguments | ast.alias) or _is_docstring(child):
            continue
        if isinstance(child, ast.AnnAssign) and child.value is not None:
            # A name for a word that is used on both sides: another word would make no difference.
            if not isinstance(child.value, ast.Constant):
                yield from _with_children(child.value)
            continue
        yield from _with_children(child)


def _with_children(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    yield from _encoding(node)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def mutate(tree: ast.Module, number: int) -> ast.Module:
    """A copy with one change."""
    changed = copy.deepcopy(tree)
    node, what, place = next(each for n, each in enumerate(sites(changed)) if n == number)
    match node, what:
        case ast.If(), "negate the condition":
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Compare(), _:
            node.ops = [_FLIPS[type(node.ops[0])]()]
        case ast.BoolOp(), _:
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.Constant(), _:
            node.value = _other(node.value)
        case ast.Dict(), "remove an entry":
            del node.keys[place], node.values[place]
        case _:
            name, position = place
            getattr(node, name)[position] = ast.Pass()
    return ast.fix_missing_locations(changed)


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}_zz"


def mutants() -> list[Mutant]:
    """Every mutant of every encoder."""
    found: list[Mutant] = []
    paths = [path for folder in FOLDERS for path in sorted((DIALECTS / folder).glob("*.py"))]
    for path in [*paths, DIALECTS / "accounting.py"]:
        if NOT_ENCODERS.search(path.name):
            continue
        module = ".".join(path.relative_to(ROOT / "providers").with_suffix("").parts)
        for number, (node, what, place) in enumerate(sites(ast.parse(path.read_text(encoding="utf-8")))):
            found.append(Mutant(module, path, _line(node, place), what, number))
    return found


def _line(node: ast.AST, place: Any) -> int:
    match node, place:
        case ast.Dict(), int():
            return (node.keys[place] or node.values[place]).lineno
        case _, (str() as name, int() as position):
            statement: ast.stmt = getattr(node, name)[position]
            return statement.lineno
        case _:
            return int(getattr(node, "lineno", 1))


class _Changed(SourceFileLoader):
    """Loads one module as its mutant."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        del fullname  # it has one module only
        tree = ast.parse(self._mutant.path.read_text(encoding="utf-8"))
        return compile(mutate(tree, self._mutant.number), str(self._mutant.path), "exec")


class _Finder:
    """Gives the mutant to whoever imports its module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(name, self._mutant.path, loader=_Changed(self._mutant))


def survives(mutant: Mutant | None) -> bool:
    """Whether the accounting tests pass with the mutant (None: with the code as it is), in a process of its own."""
    child = multiprocessing.get_context("fork").Process(target=_try, args=(mutant,))
    child.start()
    child.join(TIMEOUT_S)
    if child.is_alive():
        child.kill()
        child.join()
    return child.exitcode == 0


def _try(mutant: Mutant | None) -> None:
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))  # type: ignore[arg-type]  # it has what is asked of a finder
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    own = [path for folder in FOLDERS for path in sorted((ROOT / "tests" / "dialects" / folder).glob("test_*.py"))]
    files = [str(path) for path in own if not SLOW.search(path.name)]
    files += [f"tests/accounting/test_{name}.py" for name in TESTS]
    # What was loaded before the fork is not rewritten for its asserts, which does no harm.
    quiet = ["-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    os._exit(pytest.main(["-x", *quiet, "-k", _others(), *files]))


def _others() -> str:
    """Leave out what concerns other dialects only."""
    names = sorted(path.name for path in DIALECTS.iterdir() if path.is_dir() and path.name not in FOLDERS)
    return " and ".join(f"not {name}" for name in names if name.isidentifier() and not name.startswith("_"))


def main() -> int:
    """Run a sample; 1 where something survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=120, help="how many mutants to try")
    parser.add_argument("--seed", type=int, default=0, help="which of them")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--only", default="", help="part of the path of the files to change")
    options = parser.parse_args()
    os.chdir(ROOT)
    _warm()
    everything = [each for each in mutants() if options.only in str(each.path)]
    chosen = random.Random(options.seed).sample(everything, min(options.most, len(everything)))  # noqa: S311  # a sample, no secret
    print(f"{len(chosen)} of {len(everything)} mutants", flush=True)  # noqa: T201  # a command line
    if not survives(None):
        print("the tests fail without any mutant")  # noqa: T201
        return 2
    survivors = 0
    with multiprocessing.pool.ThreadPool(options.jobs) as pool:
        for mutant, survived in zip(chosen, pool.imap(survives, chosen), strict=True):
            if survived:
                survivors += 1
                print(f"survived {mutant}", flush=True)  # noqa: T201
    print(f"{survivors} survived")  # noqa: T201
    return bool(survivors)


def _warm() -> None:
    """Load once what every mutant needs and none changes."""
    sys.path.insert(0, str(ROOT / "tests"))
    import hypothesis.strategies
    import jsonschema

    from offramp_conformance.accounting import leaves
    from support import cassettes, strategies

    del hypothesis, jsonschema, leaves, strategies
    for api in ("anthropic.messages", "openai.chat"):
        cassettes.recordings(api)


if __name__ == "__main__":
    raise SystemExit(main())
