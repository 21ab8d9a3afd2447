"""A plugin of pytest that stands in for its loop: collects the tests once, then tries mutants in forks of itself."""

import contextlib
import gc
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType
from typing import Any, Final, TypeAlias

import pytest

from support.forks import Task, in_forks
from support.mutation import Function, Mutant, code_of, codes_in

Tell: TypeAlias = Callable[[tuple[int | None, Any]], None]

LEFT: Final = "(left)"
"""The word for a mutant that cannot be tried in a fork."""
UNCALLED: Final = "(nobody calls it)"
LEAST_S: Final = 20.0
REHEARSAL_S: Final = 1200.0


@dataclass(frozen=True)
class _Rehearsal:
    """What a run of all tests has shown."""

    took_s: dict[str, float]
    callers: dict[Function, list[str]]
    """The tests that call a function, the quickest first."""


class Collector:
    """See the module."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int, tell: Tell) -> None:
        self._mutants = mutants
        self._jobs = jobs
        self._tell = tell
        self._files = frozenset(str(each.path) for each in mutants)
        self._called: set[Function] = set()
        """The functions of these files that ran since it was last emptied."""
        self._noticed: defaultdict[Function, list[str]] = defaultdict(list)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Notes each call of a function in the files of the mutants."""
        sys.settrace(self._trace)
        threading.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]  # None ends it

    def _trace(self, frame: FrameType, _event: str, _argument: Any) -> None:
        code = frame.f_code
        if code.co_filename in self._files:
            self._called.add(_function(code))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all of them."""
        early = frozenset(self._called)
        rehearsal = self._rehearse(session)
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]  # None ends it
        if isinstance(rehearsal, str):
            self._tell((None, rehearsal))
            return True
        self._tell((None, sorted(rehearsal.took_s, key=rehearsal.took_s.__getitem__)))
        functions = self._functions()
        in_fork: list[int] = []
        for place, mutant in enumerate(self._mutants):
            if mutant.function not in functions or mutant.function in early:
                self._tell((place, LEFT))
            elif mutant.function not in rehearsal.callers:
                self._tell((place, UNCALLED))
            else:
                in_fork.append(place)
        items = {item.nodeid: item for item in session.items}
        tasks = (self._task(place, session, items, functions, rehearsal) for place in in_fork)
        for place, word in in_forks(tasks, self._jobs):
            if word in items:
                self._remember(self._mutants[place], word)
            self._tell((place, word))
        return True

    def _functions(self) -> dict[Function, list[FunctionType]]:
        """All functions of these files that exist."""
        found: defaultdict[Function, list[FunctionType]] = defaultdict(list)
        for each in gc.get_objects():
            if type(each) is FunctionType and each.__code__.co_filename in self._files:
                found[_function(each.__code__)].append(each)
        return dict(found)

    def _rehearse(self, session: pytest.Session) -> _Rehearsal | str:
        def run() -> _Rehearsal | str:
            took_s: dict[str, float] = {}
            callers: defaultdict[Function, list[str]] = defaultdict(list)
            with _folder_for_tests():
                for item in session.items:
                    self._called.clear()
                    began = time.monotonic()
                    if _first_failure(session, [item]):
                        return f"without any mutant, {item.nodeid} fails"
                    took_s[item.nodeid] = time.monotonic() - began
                    for function in self._called:
                        callers[function].append(item.nodeid)
            return _Rehearsal(took_s, {each: sorted(names, key=took_s.__getitem__) for each, names in callers.items()})

        ((_, found),) = in_forks([Task(None, run, REHEARSAL_S)], 1)
        return found

    def _task(
        self,
        place: int,
        session: pytest.Session,
        items: dict[str, pytest.Item],
        functions: dict[Function, list[FunctionType]],
        rehearsal: _Rehearsal,
    ) -> Task[int]:
        mutant = self._mutants[place]
        assert mutant.function
        callers = rehearsal.callers[mutant.function]
        first = [name for name in self._noticed[mutant.function] if name in callers]
        chosen = [items[name] for name in dict.fromkeys((*first, *callers))]

        def run() -> str | None:
            code = codes_in(code_of(mutant)).get(mutant.function)
            if code is None:
                return LEFT
            for each in functions[mutant.function]:
                if each.__code__.co_freevars != code.co_freevars:
                    return LEFT
                each.__code__ = code
            with _folder_for_tests():
                return _first_failure(session, chosen)

        return Task(place, run, LEAST_S + 3 * sum(rehearsal.took_s[name] for name in callers))

    def _remember(self, mutant: Mutant, test: str) -> None:
        noticed = self._noticed[mutant.function]
        if test in noticed:
            noticed.remove(test)
        noticed.insert(0, test)


def _first_failure(session: pytest.Session, items: Sequence[pytest.Item]) -> str | None:
    """The name of the first test that fails."""
    for item, following in zip(items, (*items[1:], None), strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return item.nodeid
    return None


@contextlib.contextmanager
def _folder_for_tests() -> Iterator[None]:
    """Where this fork's tests keep their files."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder  # read when the first test asks for a folder
        yield


def _function(code: CodeType) -> Function:
    return code.co_filename, code.co_qualname, code.co_firstlineno
