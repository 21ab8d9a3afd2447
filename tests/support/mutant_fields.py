"""Which code is broken, and which tests must notice."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from support.mutation import Mutant, every_node, is_docstring, mutants_of

Key: TypeAlias = tuple[str, str, str, str, int]
"""File, function, what is done, the line, and which of those alike."""

ROOT: Final = Path(__file__).resolve().parents[2]
OFFRAMP: Final = ROOT / "adapter" / "offramp"
PROVIDERS: Final = ROOT / "providers" / "offramp_providers"
DIALECTS: Final = PROVIDERS / "dialects"
FOLDERS: Final = tuple(sorted(path.parent.name for path in DIALECTS.glob("*/request.py")))
EQUIVALENT: Final = ROOT / "tests" / "equivalent_mutants"

NOT_ENCODERS: Final = re.compile(
    r"errors|options|stream\.py|stream_reading|candidate_reading|shapes|fields|__init__|chunks|event_reading"
    r"|chunk_reading|setting_reading|aws_exceptions|retry_after|statuses"
)
"""Files that only read, or that hold no rules."""
READERS: Final = re.compile(
    r"_?(decode|take|read|is|are|residual|unknown|block_wire|served|absences|origin_of|fold)\b|.*_?(decode|take)_"
)
"""Functions that only read."""
ACCOUNTING: Final = ("must_keep", "poison", "leaves", "streams", "schemas", "saturation", "properties")
"""Modules of `tests/accounting` that see what a dialect writes."""
SLOW: Final = re.compile("robustness|accounting|strict_vendor|crossing")
"""Tests of one dialect that ask again what these do, and take long."""


@dataclass(frozen=True)
class Field:
    """A part of the code, and the tests that must notice its mutants."""

    mutants: Callable[[], list[Mutant]]
    tests: tuple[str, ...]
    """Arguments of pytest, from the root."""
    most: int
    """How many mutants are tried where nothing else is asked; 0 for all."""


def _all_of(*patterns: str, tests: tuple[str, ...], most: int = 60, package: Path = OFFRAMP) -> Field:
    """Files of a package, changed in every way there is."""

    def mutants() -> list[Mutant]:
        paths = [path for pattern in patterns for path in sorted(package.glob(pattern))]
        root = package.parent
        return [each for path in paths for each in mutants_of(path, root=root, walk=every_node, thorough=True)]

    return Field(mutants, tests, most)


def _encoders(folder: str) -> Field:
    """What one dialect writes."""
    tests = sorted((ROOT / "tests" / "dialects" / folder).glob("test_*.py"))
    files = [str(path.relative_to(ROOT)) for path in tests if not SLOW.search(path.name)]
    others = " and ".join(f"not {name}" for name in FOLDERS if name != folder)
    shared = (f"tests/dialects/test_{name}.py" for name in ("model_lists", "token_counts", "embeddings"))
    accounting = (f"tests/accounting/test_{name}.py" for name in ACCOUNTING)
    return Field(partial(_encoding_mutants, DIALECTS / folder), ("-k", others, *files, *shared, *accounting), 60)


def _encoding_mutants(folder: Path) -> list[Mutant]:
    return [
        mutant
        for path in sorted(folder.glob("*.py"))
        if not NOT_ENCODERS.search(path.name)
        for mutant in mutants_of(path, root=PROVIDERS.parent, walk=encoding)
    ]


def encoding(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes of functions that write, and of tables; no docstrings, no readers, no annotations."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef) and READERS.match(child.name):
            continue
        if isinstance(child, ast.Import | ast.ImportFrom | ast.arguments | ast.alias) or is_docstring(child):
            continue
        if isinstance(child, ast.AnnAssign) and child.value is not None:
            # A name for a word that is used on both sides: another word would make no difference.
            if not isinstance(child.value, ast.Constant):
                yield child.value
                yield from encoding(child.value)
            continue
        yield child
        yield from encoding(child)


def _policy(*names: str) -> tuple[str, ...]:
    return tuple(f"policy/{name}.py" for name in names)


FIELDS: Final[Mapping[str, Field]] = {
    "policy": _all_of(
        *_policy("decide", "compile", "steps", "terms", "table", "waivers", "history", "documents"),
        # The slowest of Cedar's grids, and the floor's own mutants, say nothing here that the others do not.
        tests=(
            *("-k", "not permit-deepseek and not permit-mistral and not changed_floor and not nine_million"),
            *(
                f"tests/policy/test_{name}.py"
                for name in (
                    *("decide", "grounds", "days", "agreements", "governing_terms", "mission_papers", "policy_files"),
                    *("oracle", "history", "history_grounds", "route", "adversarial", "expiry", "signed_decisions"),
                    *("signatures", "reload", "reload_threads", "diff", "carry", "floor", "cedar", "vendor_contracts"),
                )
            ),
            "tests/vendors/test_unresearched.py",
        ),
        most=0,
    ),
    "moves": _all_of(
        *_policy("diff", "carry", "grid", "regions", "position", "moves"),
        tests=(
            *("-k", "not nine_million"),
            *(f"tests/policy/test_{name}.py" for name in ("diff", "carry", "regions", "route", "moves")),
            "tests/cli/test_policy_diff.py",
        ),
    ),
    "waiving": _all_of(
        *_policy("waiving", "signatures", "signing", "expiry"),
        tests=(
            *(
                f"tests/policy/test_{name}.py"
                for name in ("signatures", "signed_decisions", "expiry", "route", "waiving")
            ),
            *(f"tests/cli/test_policy_{name}.py" for name in ("waive", "sign")),
            "tests/cli/test_check_policy.py",
        ),
    ),
    "oversight": _all_of(
        *("_oversight.py", "_supervision.py", "oversight/[!_]*.py", "state/use_book.py", "state/approval_book.py"),
        tests=("tests/oversight", "tests/cli/test_oversight.py", "tests/cli/test_approvals.py"),
    ),
    "gate": _all_of(
        *("state/gate.py", "state/token.py", "state/fold.py"),
        tests=(
            *(f"tests/state/test_gate_{name}.py" for name in ("permission", "cutting", "acknowledgement", "watching")),
            *(f"tests/state/test_{name}.py" for name in ("departures", "signing")),
        ),
    ),
    "disposition": _all_of("resilience/disposition.py", tests=("tests/resilience/test_disposition.py",), most=0),
    "negotiation": _all_of("negotiation/[!_]*.py", tests=("tests/negotiation",)),
    "observed": _all_of("_observed.py", tests=("tests/conformance/test_observed.py",), most=0),
    "lines": _all_of(
        *("lines.py", "fixed_headers.py"),
        package=PROVIDERS,
        tests=tuple(
            f"tests/transport/test_{name}.py"
            for name in ("lines", "idle_connections", "kept_connections", "fixed_headers")
        ),
    ),
    **{folder: _encoders(folder) for folder in FOLDERS},
}


def key_of(mutant: Mutant) -> Key:
    """How the lists of equivalent ones name a mutant."""
    function = mutant.function[1] if mutant.function else ""
    return f"{mutant.path.parent.name}/{mutant.path.name}", function, mutant.what, mutant.source, mutant.alike


def equivalent(name: str) -> dict[Key, str]:
    """The mutants of a field that make no difference, and why."""
    path = EQUIVALENT / f"{name}.toml"
    listed = tomllib.loads(path.read_text("utf-8"))["mutants"] if path.exists() else []
    return {
        (one["file"], one.get("function", ""), one["what"], one["source"], one.get("alike", 0)): one["why"]
        for one in listed
    }
