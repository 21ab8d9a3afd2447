"""Dialects and transports that are installed, found by name through entry points."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from offramp.contracts.dialect import Dialect
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.transport import Transport
from offramp.errors import ConfigurationError


@cache
def find_dialect(name: str) -> Dialect:
    """The installed dialect of this name.

    Raises:
        ConfigurationError: there is none.
    """
    dialect: Dialect = _entry("dialect", name).load()
    return dialect


def transport_for(endpoint: Endpoint) -> Transport:
    """A new transport of the kind that the endpoint's option `transport` names, `aiohttp` where there is none.

    Raises:
        ConfigurationError: there is none, or the extra that it needs is not installed.
    """
    name = str(endpoint.options.get("transport", "aiohttp"))
    transport: Transport = _entry("transport", name).load()(network=endpoint.network)
    return transport


def _entry(kind: str, name: str) -> EntryPoint:
    found = entry_points(group=f"offramp.{kind}s")
    if name not in found.names:
        raise ConfigurationError(
            f"no {kind} {name!r} is installed", mend=f"use one of: {', '.join(sorted(found.names)) or 'none'}"
        )
    return found[name]
