"""Break code in one small place at a time, and see whether its tests notice: encoders, or what decides on policy.

A survivor is a rule that no test reaches, or a change that makes no difference. `make mutants` runs a sample of the
encoders' and all of policy's now and then; the tests run a few of policy's.
"""

import argparse
import ast
import multiprocessing.pool
import os
import random
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.mutation import Mutant, every_node, is_docstring, mutants_of, survives  # noqa: E402  # found there

DIALECTS: Final = ROOT / "providers" / "offramp_providers" / "dialects"
FOLDERS: Final = tuple(sorted(path.parent.name for path in DIALECTS.glob("*/request.py")))
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
"""Modules of `tests/accounting`, the quickest killers first."""
SLOW: Final = re.compile("robustness|accounting|strict_vendor|crossing")
"""Tests of one dialect that ask again what these do, and take long."""

POLICY: Final = ROOT / "adapter" / "offramp" / "policy"
EVALUATOR: Final = ("decide", "compile", "steps", "terms", "table", "waivers", "history", "documents")
"""What a decision is made by."""
EQUIVALENT: Final = ROOT / "tests" / "policy" / "equivalent_mutants.toml"
"""Mutants of it that make no difference, with the reason."""
POLICY_TESTS: Final = (
    *("decide", "edges", "oracle", "history", "route", "adversarial", "expiry", "signed_decisions", "signatures"),
    *("diff", "carry", "floor", "cedar", "vendor_contracts"),
)
"""Modules of `tests/policy`, the quickest killers first."""


@dataclass(frozen=True)
class Field:
    """A part of the code, its mutants, and the tests that must notice."""

    mutants: Callable[[], list[Mutant]]
    tests: Callable[[Mutant | None], Sequence[str]]
    warm: Callable[[], None]
    """Loads once what every mutant needs and none changes."""


# Encoders.


def encoders() -> list[Mutant]:
    """Every mutant of every encoder, and of what they share."""
    paths = [path for folder in FOLDERS for path in sorted((DIALECTS / folder).glob("*.py"))]
    return [
        mutant
        for path in [*paths, *sorted(DIALECTS.glob("*.py"))]
        if not NOT_ENCODERS.search(path.name)
        for mutant in mutants_of(path, root=ROOT / "providers", walk=encoding)
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


def encoder_tests(mutant: Mutant | None) -> list[str]:
    """The dialect's own tests and the accounting, for it alone; of what is shared, those of all dialects."""
    own = FOLDERS if mutant is None or mutant.path.parent == DIALECTS else (mutant.path.parent.name,)
    found = [path for folder in own for path in sorted((ROOT / "tests" / "dialects" / folder).glob("test_*.py"))]
    files = [str(path) for path in found if not SLOW.search(path.name)]
    others = " and ".join(f"not {name}" for name in FOLDERS if name not in own)
    return [*(["-k", others] if others else []), *files, *(f"tests/accounting/test_{name}.py" for name in ACCOUNTING)]


def warm_encoders() -> None:
    import hypothesis.strategies
    import jsonschema

    from offramp_conformance.accounting import leaves
    from support import cassettes, strategies

    del hypothesis, jsonschema, leaves, strategies
    for api in ("anthropic.messages", "openai.chat"):
        cassettes.recordings(api)


# Policy.


def evaluator() -> list[Mutant]:
    """Every mutant of what decides, but those that make no difference."""
    known = {(one["file"], one["what"], one["source"]) for one in equivalent()}
    return [each for each in all_of_evaluator() if key_of(each) not in known]


def all_of_evaluator() -> list[Mutant]:
    """Every mutant of what decides."""
    paths = [POLICY / f"{name}.py" for name in EVALUATOR]
    return [
        mutant for path in paths for mutant in mutants_of(path, root=ROOT / "adapter", walk=every_node, thorough=True)
    ]


def equivalent() -> list[dict[str, str]]:
    """Those that make no difference: file, what is done, the line, and why."""
    found: list[dict[str, str]] = tomllib.loads(EQUIVALENT.read_text("utf-8"))["mutants"]
    return found


def key_of(mutant: Mutant) -> tuple[str, str, str]:
    """How the list of equivalent ones names a mutant."""
    return mutant.path.name, mutant.what, mutant.source


def policy_tests(_: Mutant | None) -> list[str]:
    """Quick first; the slowest of Cedar's grids say nothing that the others do not."""
    files = [f"tests/policy/test_{name}.py" for name in POLICY_TESTS]
    kept = [file for file in files if (ROOT / file).exists()]
    left_out = "not permit-deepseek and not permit-mistral and not changed_floor"
    return ["-k", left_out, *kept, "tests/vendors/test_unresearched.py"]


def warm_policy() -> None:
    import cedarpy
    import hypothesis.strategies
    import pydantic

    del cedarpy, hypothesis, pydantic


FIELDS: Final = {
    "encoders": Field(encoders, encoder_tests, warm_encoders),
    "policy": Field(evaluator, policy_tests, warm_policy),
}


def main() -> int:
    """Run a sample; 1 where something survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("field", nargs="?", default="encoders", choices=FIELDS)
    parser.add_argument("--most", type=int, default=120, help="how many mutants to try; 0 for all")
    parser.add_argument("--seed", type=int, default=0, help="which of them")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--unasked", action="store_true", help="do not ask first whether the tests pass without any")
    parser.add_argument("--only", default="", help="part of the path of the files to change")
    options = parser.parse_args()
    os.chdir(ROOT)
    field = FIELDS[options.field]
    field.warm()
    everything = [each for each in field.mutants() if options.only in str(each.path)]
    most = min(options.most or len(everything), len(everything))
    chosen = random.Random(options.seed).sample(everything, most)  # noqa: S311  # a sample, no secret
    print(f"{len(chosen)} of {len(everything)} mutants", flush=True)  # noqa: T201  # a command line
    if not options.unasked and not survives(None, field.tests(None)):
        print("the tests fail without any mutant")  # noqa: T201
        return 2
    survivors = 0
    with multiprocessing.pool.ThreadPool(options.jobs) as pool:
        lives = pool.imap(lambda mutant: survives(mutant, field.tests(mutant)), chosen)
        for mutant, survived in zip(chosen, lives, strict=True):
            if survived:
                survivors += 1
                print(f"survived {mutant}", flush=True)  # noqa: T201
    print(f"{survivors} survived")  # noqa: T201
    return bool(survivors)


if __name__ == "__main__":
    raise SystemExit(main())
