"""The policies of all missions, swapped as one when their files change on disk.

Every call looks into the book before it is decided, and the book looks at the files' dates and sizes at most ten times
a second. So a stricter file takes effect for the next send, without a restart and without a thread of its own. Whoever
decides holds one edition: no decision mixes two.

A file that cannot be read is refused, and the edition that stands is kept and says so. A file that was taken away
denies as it does at the start, and so does one that does not hold since the list of signers has changed: either may be
meant.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from pathlib import Path
from typing import Final, TypeAlias

from offramp.config import Config
from offramp.contracts.clock import Clock
from offramp.contracts.document_facts import DocumentFacts
from offramp.contracts.oversight import Limits
from offramp.contracts.policy import Reason
from offramp.contracts.process import process_id
from offramp.contracts.state import Notice
from offramp.errors import ConfigurationError, OfframpError
from offramp.oversight import limits_of
from offramp.policy import CompiledPolicy, kept_instead, signature_path
from offramp.types import filled, value

_LOOK_S: Final = 0.1
"""Longest time for which a changed file may stay unnoticed."""
_AGAIN_S: Final = 1.0
"""After which time to try once more where nothing could be read at all, changed or not."""

Policies: TypeAlias = Mapping[str, CompiledPolicy]
"""By mission."""
Mark: TypeAlias = tuple[int, int, int] | None
"""Tells one version of a file from the next: inode, time of change, size. None: it is not there."""
_UNKNOWN: Final[tuple[Mark, ...]] = ()
"""Where nothing could be read: they differ from any that are found."""


@value
class Edition:
    """What all files together said at one moment."""

    policies: Policies
    limits: Mapping[str, Limits | None] = field(init=False, repr=False)
    """What each mission's declaration says of its scale, where anything is counted."""
    _: KW_ONLY
    marks: tuple[Mark, ...]

    @property
    def refused(self) -> tuple[Reason, ...]:
        """What the files say now and was refused, so that what stood before is used. Every decision says so."""
        return _refused_in(self.policies)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The files that are not followed as they lie there now, for whoever operates the process."""
        return notices_of(self.policies)

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
        self._locks: dict[int, threading.Lock] = {}
        marks = self._marks()
        self._sound = self._edition = Edition(read(), marks=marks)
        self._due_s = clock.monotonic() + _LOOK_S

    @property
    def known(self) -> Edition:
        """The edition of the last look. Nothing is read for it."""
        return self._edition

    def now(self) -> Edition:
        """The edition in force, after a look at the files where one is due. Who comes while another looks waits."""
        if self._clock.monotonic() >= self._due_s:
            with self._lock:
                if self._clock.monotonic() >= self._due_s:
                    self._look()
        return self._edition

    def reload(self) -> Edition:
        """Read all files now.

        Raises:
            ConfigurationError: one was refused; what stood before it stays in force.
        """
        with self._lock:
            self._take(self._marks())
            edition = self._edition
        if edition.refused:
            first = edition.refused[0]
            raise ConfigurationError(f"the policy files were refused: {first.text}", mend=first.mend)
        return edition

    @property
    def _lock(self) -> threading.Lock:
        """Each process its own: a fork may copy one that is held."""
        return self._locks.setdefault(process_id(), threading.Lock())

    def _look(self) -> None:
        """Due again only when it has ended: nobody decides by what was there before while it is being read."""
        marks, wait_s = self._marks(), _LOOK_S
        if marks != self._edition.marks:
            self._take(marks)
            wait_s = _LOOK_S if self._edition.marks else _AGAIN_S
        self._due_s = self._clock.monotonic() + wait_s

    def _take(self, marks: tuple[Mark, ...]) -> None:
        """Make what the files say the edition in force. The marks are older than what is read: no change is missed."""
        sound = self._sound
        try:
            read = self._read()
        except OfframpError as error:
            reason = kept_instead("the policy files", str(error))
            if self._edition.marks != _UNKNOWN or reason not in self._edition.refused:  # the log need not hear it twice
                self._edition = _kept(sound, (reason,), marks=_UNKNOWN)
            return
        refused = () if self._may_be_meant(marks) else _broken_in(read, sound.policies)
        if refused:
            self._edition = _kept(sound, refused, marks=marks)
        else:
            self._sound = self._edition = Edition(read, marks=marks)

    def _may_be_meant(self, marks: tuple[Mark, ...]) -> bool:
        """Whether what cannot be read now is to deny at once: a file is gone, or other people may sign."""
        gone = any(mark is None and path.suffix != ".sig" for path, mark in zip(self._files, marks, strict=True))
        return gone or (self._has_signers and marks[-1] != self._sound.marks[-1])

    def _marks(self) -> tuple[Mark, ...]:
        return tuple(map(mark_of, self._files))


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
        yield config.at(config.signers)  # the last of all


def _limits(policy: CompiledPolicy) -> Limits | None:
    return limits_of(policy.case.declaration) if policy.case else None


def mark_of(path: Path) -> Mark:
    """Which version of a file lies there now."""
    try:
        found = os.stat(path)  # noqa: PTH116  # ten times a second: pathlib would double its cost
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _kept(sound: Edition, refused: tuple[Reason, ...], *, marks: tuple[Mark, ...]) -> Edition:
    """What stood before, which says in every decision what was refused."""
    return Edition({name: one.refusing(refused) for name, one in sound.policies.items()}, marks=marks)


def notices_of(policies: Policies) -> tuple[Notice, ...]:
    """The files that gave way to the last good ones, and those that deny since they cannot be read."""
    broken = _once(policy.broken for policy in policies.values())
    return (
        *(Notice("policy_refused", _told(each)) for each in _refused_in(policies)),
        *(Notice("policy_unreadable", f"{_told(each)}; it denies") for each in broken),
    )


def _refused_in(policies: Policies) -> tuple[Reason, ...]:
    return _once(policy.refused for policy in policies.values())


def _once(reasons: Iterable[Sequence[Reason]]) -> tuple[Reason, ...]:
    """Each of them once; the missions share most of their files."""
    return tuple({str(each): each for some in reasons for each in some}.values())


def _told(reason: Reason) -> str:
    """In one sentence that names the file once."""
    text, document = reason.text.rstrip("."), reason.document
    return f"{document}: {text}" if document and document not in text else text


def _broken_in(read: Policies, before: Policies) -> tuple[Reason, ...]:
    """What cannot be read now and could be read before."""
    known, new = _broken_files(before), _broken_files(read)
    return tuple(kept_instead(where, what) for where, what in new.items() if where not in known)


def _broken_files(policies: Policies) -> dict[str, str]:
    """What is wrong, by file."""
    return {each.document or "a policy file": each.text for one in policies.values() for each in one.broken}
