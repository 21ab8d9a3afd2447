"""The policies of all missions, swapped as one when their files change on disk.

Every call looks into the book before it is decided, and the book looks at the files' dates and sizes at most ten times
a second. So a stricter file takes effect for the next send, without a restart and without a thread of its own. Whoever
decides holds one edition: no decision mixes two.

A file that cannot be read is refused, and the edition that stands is kept and says so. A file that was taken away, or
whose signature does not hold while `signers` are named, denies as it does at the start: taking it away may be meant.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, field
from pathlib import Path
from typing import Final, TypeAlias

from offramp.config import Config
from offramp.contracts.clock import Clock
from offramp.contracts.document_facts import DocumentFacts
from offramp.contracts.oversight import Limits
from offramp.contracts.policy import Reason
from offramp.errors import ConfigurationError, OfframpError
from offramp.oversight import limits_of
from offramp.policy import CompiledPolicy, kept_instead, signature_path
from offramp.types import filled, value

_LOOK_S: Final = 0.1
"""Longest time for which a changed file may stay unnoticed."""

Policies: TypeAlias = Mapping[str, CompiledPolicy]
"""By mission."""
Mark: TypeAlias = tuple[int, int, int] | None
"""Tells one version of a file from the next: inode, time of change, size. None: it is not there."""


@value
class Edition:
    """What all files together said at one moment."""

    policies: Policies
    limits: Mapping[str, Limits | None] = field(init=False, repr=False)
    """What each mission's declaration says of its scale, where anything is counted."""
    _: KW_ONLY
    marks: tuple[Mark, ...]
    refused: tuple[Reason, ...] = ()
    """What the files say now and was refused. Every decision of the edition says so."""

    @property
    def documents(self) -> tuple[DocumentFacts, ...]:
        """Every file behind it, once."""
        found = {each.sha256: each for policy in self.policies.values() for each in policy.documents}
        return tuple(found.values())

    def __post_init__(self) -> None:
        """Work the limits out once, not for every call."""
        filled(self, limits={name: _limits(policy) for name, policy in self.policies.items()})


class PolicyBook:
    """The edition in force. Safe to use from any thread."""

    def __init__(
        self,
        config: Config,
        read: Callable[[], Policies],
        *,
        clock: Clock,
    ) -> None:
        """Read the first edition.

        Args:
            config: names the files.
            read: reads and compiles all of them.
            clock: when to look again.

        Raises:
            ConfigurationError: something without which nothing can begin is unsound.
        """
        self._files = tuple(files_of(config))
        self._has_signers = config.signers is not None
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        marks = self._marks()
        self._sound = self._edition = Edition(read(), marks=marks)
        self._due_s = clock.monotonic() + _LOOK_S

    def now(self) -> Edition:
        """The edition in force, after a look at the files where one is due."""
        if self._clock.monotonic() >= self._due_s and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._edition

    def reload(self) -> Edition:
        """Read all files now.

        Raises:
            ConfigurationError: they were refused; the edition before stays in force.
        """
        with self._lock:
            self._take(self._marks())
            edition = self._edition
        if edition.refused:
            first = edition.refused[0]
            raise ConfigurationError(f"the policy files were refused: {first.text}", mend=first.mend)
        return edition

    def _look(self) -> None:
        self._due_s = self._clock.monotonic() + _LOOK_S
        marks = self._marks()
        if marks != self._edition.marks:
            self._take(marks)

    def _take(self, marks: tuple[Mark, ...]) -> None:
        """Make what the files say the edition in force. The marks are older than what is read: no change is missed."""
        try:
            read = self._read()
            refused = () if self._denies_at_once(marks) else _broken_in(read, self._sound.policies)
        except OfframpError as error:
            read, refused = self._sound.policies, (kept_instead("the policy files", str(error)),)
        if refused:
            kept = {name: one.refusing(refused) for name, one in self._sound.policies.items()}
            edition = Edition(kept, marks=marks, refused=refused)
        else:
            edition = Edition(read, marks=marks)
        self._edition = edition
        if not refused:
            self._sound = edition

    def _denies_at_once(self, marks: tuple[Mark, ...]) -> bool:
        """Whether what cannot be read is no slip: a file is gone, or signatures decide what is good."""
        gone = any(mark is None and path.suffix != ".sig" for path, mark in zip(self._files, marks, strict=True))
        return gone or self._has_signers

    def _marks(self) -> tuple[Mark, ...]:
        return tuple(map(_mark, self._files))


def files_of(config: Config) -> Iterator[Path]:
    """Every file on which the policy of a configuration rests, with its signatures, besides those that ship."""
    named = [*config.policy]
    named += [table.agreement for table in config.endpoints.values() if table.agreement]
    for mission in config.missions.values():
        named += [mission.declaration, *mission.waivers, *mission.former_declarations]
    for path in dict.fromkeys(config.at(each) for each in named):
        yield path
        if config.signers is not None:
            yield signature_path(path)
    if config.signers is not None:
        yield config.at(config.signers)


def _limits(policy: CompiledPolicy) -> Limits | None:
    return limits_of(policy.case.declaration) if policy.case else None


def _mark(path: Path) -> Mark:
    try:
        found = os.stat(path)  # noqa: PTH116  # ten times a second: pathlib would double its cost
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _broken_in(read: Policies, before: Policies) -> tuple[Reason, ...]:
    """What cannot be read now and could be read before."""
    known, new = _broken_files(before), _broken_files(read)
    return tuple(kept_instead(where, what) for where, what in new.items() if where not in known)


def _broken_files(policies: Policies) -> dict[str, str]:
    """What is wrong, by file."""
    return {each.document or "a policy file": each.text for one in policies.values() for each in one.broken}
