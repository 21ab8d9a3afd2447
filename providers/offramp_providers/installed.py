"""Dialects and transports that are installed, found by name through entry points."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from offramp.contracts.provider import Dialect, Transport
from offramp.errors import ConfigurationError


@cache
def find_dialect(name: str) -> Dialect:
    """The installed dialect of this name.

    Raises:
        ConfigurationError: there is none.
    """
    dialect: Dialect = _entry("dialect", name).load()
    return dialect


def find_transport(name: str = "aiohttp") -> Transport:
    """A new transport of the installed kind.

    Raises:
        ConfigurationError: there is none, or the extra that it needs is not installed.
    """
    transport: Transport = _entry("transport", name).load()()
    return transport


def _entry(kind: str, name: str) -> EntryPoint:
    found = entry_points(group=f"offramp.{kind}s")
    if name not in found.names:
        raise ConfigurationError(
            f"no {kind} {name!r} is installed", mend=f"use one of: {', '.join(sorted(found.names)) or 'none'}"
        )
    return found[name]
