"""Tries mutants against tests, each in a process of its own, and says which test noticed.

Tests are collected once. A mutant of a function is given its code in a fork of the collecting process, and meets only
the tests that call the function: those that noticed others of its kind first, then the quickest. What ran before the
fork (tables, and the functions that build them) is not changed by that: such a mutant is loaded anew, by an import
hook, and meets all tests. So does each that survived the first way.
"""

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, Final

import hypothesis
import pytest

from support import mutant_collector
from support.forks import FORK, HANGS, Task, be_silent, in_forks
from support.mutation import Mutant, code_of

MOST_S: Final = 600.0
"""How long a mutant may take that meets all tests."""
UNLOADABLE: Final = "(does not load)"
_WITHOUT_A_TEST: Final = {HANGS: "hung", UNLOADABLE: "unloadable"}
_QUIET: Final = ("-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


class TestsFail(Exception):  # it says what is so
    """The tests fail, or cannot be collected, without any mutant."""


@dataclass(frozen=True)
class Trial:
    """What became of a mutant."""

    mutant: Mutant
    noticed_by: str | None
    """A test, or how it came to an end; None where it survived."""


def fate_of(trial: Trial) -> str:
    """In one word. A mutant that hangs, or cannot be loaded, is noticed too."""
    return "survived" if trial.noticed_by is None else _WITHOUT_A_TEST.get(trial.noticed_by, "caught")


def try_all(mutants: Sequence[Mutant], tests: Sequence[str], *, jobs: int) -> Iterator[Trial]:
    """Try each.

    Args:
        mutants: their modules must not be loaded in this process.
        tests: arguments of pytest.
        jobs: how many processes at once.

    Raises:
        TestsFail: they do without any mutant.
    """
    _hasten_properties()
    left: list[Mutant] = []
    order: list[str] = []
    for place, word in _collecting(mutants, tests, jobs):
        match place, word:
            case None, str() as why:
                raise TestsFail(why)
            case None, names:
                order = names
            case _, None | mutant_collector.LEFT:
                left.append(mutants[place])
            case _:
                yield Trial(mutants[place], None if word == mutant_collector.UNCALLED else word)
    if not left:
        return
    ((_, word),) = in_forks([Task(None, _anew(None, tests, order), MOST_S)], 1)
    if word is not None:
        raise TestsFail(f"loaded anew without any mutant: {word}")
    tasks = (Task(each, _anew(each, tests, order), MOST_S) for each in left)
    for mutant, word in in_forks(tasks, jobs):
        yield Trial(mutant, word)


def _hasten_properties() -> None:
    """A failure need not be shrunk, is not kept for later runs, is found again, and is never one of time."""
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", phases=phases, database=None, derandomize=True, deadline=None)
    hypothesis.settings.load_profile("mutants")


def _collecting(mutants: Sequence[Mutant], tests: Sequence[str], jobs: int) -> Iterator[tuple[int | None, Any]]:
    """What the collecting process tells: first the order of the tests, then the fate of each mutant by its place."""
    receiver, sender = FORK.Pipe(duplex=False)

    def collect() -> None:
        collector = mutant_collector.Collector(mutants, jobs, sender.send)
        be_silent()
        with collector.watching():
            pytest.main([*_QUIET, *tests], plugins=[collector])

    process = FORK.Process(target=collect)
    process.start()
    sender.close()
    told = 0
    try:
        while True:
            yield receiver.recv()
            told += 1
    except EOFError:
        process.join()
    if told != len(mutants) + 1:
        raise TestsFail("without any mutant, the tests cannot be collected")


def _anew(mutant: Mutant | None, tests: Sequence[str], order: Sequence[str]) -> Callable[[], str | None]:
    def run() -> str | None:
        first = _First(order)
        if mutant is not None:
            sys.meta_path.insert(0, _Finder(mutant))  # type: ignore[arg-type]  # it has what is asked of a finder
        with tempfile.TemporaryDirectory() as folder:
            code = pytest.main(["-x", f"--basetemp={folder}/t", *_QUIET, *tests], plugins=[first])
        return None if code == 0 else first.failed or UNLOADABLE

    return run


class _First:
    """Puts tests in order, and keeps the first that fails."""

    def __init__(self, order: Sequence[str]) -> None:
        self._places = {name: place for place, name in enumerate(order)}
        self.failed: str | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._places.get(item.nodeid, 0))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid


class _Changed(SourceFileLoader):
    """Loads one module as its mutant."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        del fullname  # it has one module only
        return code_of(self._mutant)


class _Finder:
    """Gives the mutant to whoever imports its module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(name, self._mutant.path, loader=_Changed(self._mutant))
