"""Where credentials are read from, at the moment of use: a variable, a file, or a command that prints one.

A command is run without a shell and within a bounded time. Nothing that it prints is shown anywhere.
"""

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from offramp.errors import ConfigurationError

_LARGEST_KEY: Final = 64 * 1024
_RENEWED_AFTER: Final = 0.8
"""Of a key's lifetime: from then on the next one is fetched in the background while this one still serves."""
_USED_UNTIL: Final = 0.95
"""Of a key's lifetime: what is sent must still be good when it arrives."""

ReadKey = Callable[[], str]


def from_environment(variable: str, where: str) -> str:
    """The variable's content. Raises ConfigurationError where it is not set."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise _not_set(variable, where)
    return key


def _not_set(variable: str, where: str) -> ConfigurationError:
    """Tells its name only where it looks like one: now and then somebody writes the key itself there."""
    if re.fullmatch(r"[A-Z_][A-Z0-9_]*", variable):
        return ConfigurationError(
            f"the environment variable {variable} is not set", where=where, mend=f"export {variable}"
        )
    return ConfigurationError(
        "the environment variable that `env` names is not set",
        where=where,
        mend="export it; `env` takes the variable's name, such as MY_KEY, never the key itself",
    )


def from_file(path: Path, where: str) -> str:
    """The file's content. Raises ConfigurationError where there is none."""
    try:
        key = path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            f"the key file {path} cannot be read", where=where, mend="check path and mode"
        ) from error
    if not key:
        raise ConfigurationError(f"the key file {path} is empty", where=where, mend="write the key into it")
    return key


class CommandKey:
    """A key that a command prints, kept for most of its lifetime. Safe for threads.

    The first use waits for the command. Later ones do not: the next key is fetched while the last one is still good.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        where: str,
        lifetime_s: float,
        timeout_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = tuple(command)
        self._where = where
        self._lifetime_s = lifetime_s
        self._timeout_s = timeout_s
        self._now = now
        self._lock = threading.Lock()
        self._renewing: threading.Thread | None = None
        self._key = ""
        self._read_at: float | None = None

    def __call__(self) -> str:
        """The key.

        Raises:
            ConfigurationError: the command cannot be run, fails, does not end, or prints nothing.
        """
        age_s = self._age_s()
        if age_s is None or age_s >= self._lifetime_s * _USED_UNTIL:
            with self._lock:
                age_s = self._age_s()
                if age_s is None or age_s >= self._lifetime_s * _USED_UNTIL:
                    self._renew()
        elif age_s >= self._lifetime_s * _RENEWED_AFTER and (self._renewing is None or not self._renewing.is_alive()):
            self._renewing = threading.Thread(target=self._renew_quietly, daemon=True)
            self._renewing.start()
        return self._key

    def _age_s(self) -> float | None:
        return None if self._read_at is None else self._now() - self._read_at

    def _renew_quietly(self) -> None:
        """Fetch the next one. Where that fails, the last one serves to its end, and then the failure shows."""
        try:
            with self._lock:
                self._renew()
        except ConfigurationError:
            return

    def _renew(self) -> None:
        asked_at = self._now()  # the lifetime may have begun as soon as the command did
        self._key = self._printed()
        self._read_at = asked_at

    def _printed(self) -> str:
        try:
            done = subprocess.run(  # noqa: S603  # the configuration's own command, as a list and without a shell
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._failure(f"did not end within {self._timeout_s:g} s", "raise key.timeout_s") from None
        except (OSError, ValueError) as error:
            raise self._failure("cannot be run", "install it, or give its whole path") from error
        if done.returncode != 0:
            raise self._failure(f"ended with the status {done.returncode}", "run it by hand to see why")
        key = done.stdout[:_LARGEST_KEY].decode("utf-8", "replace").strip()
        if not key:
            raise self._failure("printed nothing", "have it print the key and no more")
        return key

    def _failure(self, what: str, mend: str) -> ConfigurationError:
        return ConfigurationError(f"the key command {self._command[0]!r} {what}", where=self._where, mend=mend)
