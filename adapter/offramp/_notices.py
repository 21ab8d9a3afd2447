"""What a running client says of its own files: policy that it has refused, and a configuration that waits for a start.

`offramp.toml` is read once. Endpoints, routes and stores of a running client stay what they were; a change is told,
with what a start would meet now, and only a start takes it up.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from offramp._policy_book import PolicyBook, mark_of
from offramp.config import Config, digest_of, endpoint_of, load_config
from offramp.contracts.clock import Clock
from offramp.contracts.state import Notice
from offramp.errors import OfframpError

_LOOK_S: Final = 1.0


class ConfigWatch:
    """Whether the configuration is still what the client began with."""

    def __init__(self, config: Config, *, clock: Clock) -> None:
        self._clock = clock
        self._file = config.file
        self._files = tuple(_files_of(config))
        self._marks = tuple(map(mark_of, self._files))
        self._began = (config.digest, *map(digest_of, self._files[1:]))
        self._found: tuple[Notice, ...] = ()
        self._due_s = 0.0

    def now(self) -> tuple[Notice, ...]:
        """What has changed. The files are looked at once a second, and read where their dates or sizes are others."""
        if self._clock.monotonic() >= self._due_s:
            marks = tuple(map(mark_of, self._files))
            if marks != self._marks:
                self._found, self._marks = tuple(self._changes()), marks
            self._due_s = self._clock.monotonic() + _LOOK_S
        return self._found

    def _changes(self) -> Iterator[Notice]:
        changed = [file for file, began in zip(self._files, self._began, strict=True) if digest_of(file) != began]
        if changed:
            names = ", ".join(file.name for file in changed)
            yield Notice(
                "config_changed", f"{names} changed since it started; restart it to apply{_obstacle(self._file)}"
            )


class Notices:
    """All of it, for the list of replicas."""

    def __init__(self, book: PolicyBook, config: ConfigWatch) -> None:
        self._book = book
        self._config = config

    def __call__(self, open_exchanges: int) -> tuple[Notice, ...]:
        """While exchanges are open nothing is read: whoever looks after them must not be kept waiting."""
        try:
            edition = self._book.known if open_exchanges else self._book.now()
            return (*edition.notices, *self._config.now())
        except Exception as error:  # noqa: BLE001  # what cannot be told here denies where a call is decided
            return (Notice("policy_unreadable", f"the policy files cannot be read ({type(error).__name__})"),)


def _files_of(config: Config) -> Iterator[Path]:
    """What is read at the start alone: the configuration, and the files that it names beside policy and keys."""
    if config.file is not None:
        yield config.file
        yield from (config.at(table.observed) for table in config.endpoints.values() if table.observed)
        needs = (table.needs.output_schema for table in config.missions.values())
        yield from (config.at(schema) for schema in needs if schema)


def _obstacle(file: Path | None) -> str:
    """Why a client could not start with it now, as an addition to a sentence."""
    try:
        if file is not None:
            config = load_config(file)
            for name in config.endpoints:
                endpoint_of(config, name)
    except OfframpError as error:
        return f". It could not start now: {error}"
    return ""
