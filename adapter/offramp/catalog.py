"""Which vendors there are, what their profiles say, and who talks to them: all found through entry points.

A vendor is a package with a `profile.toml`, listed in the entry-point group `offramp.vendors`; a third party's own
package is found in the same way. Nothing here knows any of them by name.
"""

import re
from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.profile import ModelFacts, VendorProfile
from offramp.contracts.provider import Provider
from offramp.contracts.statements import can_be_opened, statements
from offramp.contracts.transport import Transport
from offramp.errors import ConfigurationError
from offramp.toml_file import explain, read_toml

_VENDORS: Final = "offramp.vendors"
_DIALECTS: Final = "offramp.dialects"
_PROVIDERS: Final = "offramp.providers"
_TEMPLATES: Final = "offramp.templates"
_PROFILE: Final = "profile.toml"
_POLICY: Final = "policy.toml"


def vendor_names() -> tuple[str, ...]:
    """Every vendor that is installed, in alphabetical order. Their profiles are not read."""
    return tuple(sorted(_listed(_VENDORS)))


def dialect_names() -> tuple[str, ...]:
    """Every dialect that is installed, in alphabetical order. None is imported."""
    return tuple(sorted(_listed(_DIALECTS)))


@cache
def load_profile(vendor: str) -> VendorProfile:
    """A vendor's profile, read and checked once a process.

    Raises:
        ConfigurationError: there is no such vendor, or its profile is not sound; names file, key and mend.
    """
    folder = files(_package(_VENDORS, vendor, "vendor"))
    with as_file(folder / _PROFILE) as path:
        profile = _validated(path)
        _check(profile, vendor, path)
    return profile


def policy_text(vendor: str) -> tuple[str, bytes] | None:
    """The vendor's own policy contract as shipped: its path for messages, and its bytes. None: the vendor has none.

    Raises:
        ConfigurationError: there is no such vendor.
    """
    return vendor_file(vendor, _POLICY)


def vendor_file(vendor: str, name: str) -> tuple[str, bytes] | None:
    """A data file beside the vendor's profile: its path for messages, and its bytes. None: there is none.

    Raises:
        ConfigurationError: there is no such vendor.
    """
    resource = files(_package(_VENDORS, vendor, "vendor")) / name
    return (str(resource), resource.read_bytes()) if resource.is_file() else None


def template_text(kind: str, name: str) -> str:
    """A file to begin with: of a `vendor`, for one.

    Raises:
        ConfigurationError: no installed package has templates of this kind.
    """
    return (files(_package(_TEMPLATES, kind, "template")) / name).read_text("utf-8")


def provider_for(endpoint: Endpoint, *, transport: Transport | None = None) -> Provider:
    """The provider that talks to the endpoint: `http`, unless its options name another in `provider`.

    Args:
        endpoint: whom to talk to.
        transport: shared with other endpoints. None: the provider brings its own.

    Raises:
        ConfigurationError: there is no such provider, or it cannot be imported.
    """
    name = str(endpoint.options.get("provider", "http"))
    entry = _entry(_PROVIDERS, name, "provider")
    try:
        make = entry.load()
    except (ImportError, AttributeError) as error:
        raise _broken(entry, "provider") from error
    extra = {} if transport is None else {"transport": transport}
    return cast("Provider", make(endpoint, **extra))


def served_model_matches(asked: str, served: str | None, facts: ModelFacts | None) -> bool | None:
    """Whether the model that says to have answered is the one that was asked for.

    The same name matches; so does the asked name with a date behind it (`-20261123` or `-2026-11-23`), which is how
    vendors name the version behind an alias; so does what the profile lists in `served_as`.

    Returns:
        None where the vendor does not say who has served. Unknown is not a match.
    """
    if not served:
        return None
    if served == asked or _is_dated(served, asked):
        return True
    return facts is not None and any(fnmatchcase(served, pattern) for pattern in facts.served_as)


def _is_dated(served: str, asked: str) -> bool:
    suffix = served[len(asked) :] if served.startswith(asked) else ""
    if not _DATE.fullmatch(suffix):
        return False
    try:
        date.fromisoformat(suffix[1:])
    except ValueError:
        return False
    return True


_DATE: Final = re.compile(r"-\d{4}(-?)\d{2}\1\d{2}", re.ASCII)


@cache
def _listed(group: str) -> Mapping[str, EntryPoint]:
    """The entry points of a group by name; all installed packages are read for it, so once a process."""
    listed: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        first = listed.setdefault(entry.name, entry)
        if first.value != entry.value:
            raise ConfigurationError(
                f"two installed packages both provide {entry.name!r}: {first.value} and {entry.value}",
                where=group,
                mend="uninstall one of them; whom data goes to must not depend on the order of installation",
            )
    return listed


def _entry(group: str, name: str, what: str) -> EntryPoint:
    listed = _listed(group)
    if name not in listed:
        known = ", ".join(sorted(listed)) or "none"
        raise ConfigurationError(
            f"there is no {what} {name!r}",
            mend=f"correct the name or install the package that provides it (installed: {known})",
        )
    return listed[name]


def _package(group: str, name: str, what: str) -> Any:
    entry = _entry(group, name, what)
    try:
        return import_module(entry.module)
    except ImportError as error:
        raise _broken(entry, what) from error


def _broken(entry: EntryPoint, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"the {what} {entry.name!r} cannot be imported from {entry.value}", mend="install its package again"
    )


@cache
def _adapter() -> TypeAdapter[VendorProfile]:
    return TypeAdapter(VendorProfile)


def _validated(path: Path) -> VendorProfile:
    content = to_json(read_toml(path))
    try:
        # Strict, so that a number in quotes is a mistake; by way of JSON, where strict still knows dates and tables.
        return _adapter().validate_json(content, strict=True)
    except ValidationError as error:
        raise explain(error, path) from error


def _check(profile: VendorProfile, vendor: str, path: Path) -> None:
    """What the types cannot say. The first fault is raised."""
    where = str(path)
    if profile.vendor != vendor:
        raise ConfigurationError(
            f"the profile of {vendor!r} is about {profile.vendor!r}", where=where, mend="make both names the same"
        )
    if not profile.capabilities:
        raise ConfigurationError(
            "capabilities claims nothing, and a vendor of whom nothing is known is none",
            where=where,
            mend="claim what is known, each with its evidence",
        )
    _check_address(profile, where)
    _check_sources(profile, where)


def _check_sources(profile: VendorProfile, where: str) -> None:
    """What is documented names where; an address is one that a reader can open, and somebody's claim rests on it."""
    told = dict(statements(profile))
    for key, evidence in told.items():
        if evidence.level == "documented" and not _SOURCE.search(evidence.source or ""):
            raise ConfigurationError(
                f"{key}.evidence.source names neither a URL nor a specification with its version",
                where=where,
                mend="say where a reader can open it, or call the claim declared",
            )
    named = {evidence.source for evidence in told.values()}
    for name, url in profile.sources.items():
        if not can_be_opened(url):
            raise ConfigurationError(
                f"sources.{name} is not an address that a reader can open",
                where=where,
                mend="write the page's own, such as https://docs.example.com/api",
            )
        if name not in named:
            raise ConfigurationError(
                f"sources.{name} is the source of no claim", where=where, mend="correct the name, or remove it"
            )


# A URL; or a name and, in any form, a version of it.
_SOURCE: Final = re.compile(r"^https?://\S+\.\S|\w.*\s\S*\d")

_SECRET_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})


def _check_address(profile: VendorProfile, where: str) -> None:
    addresses = {"base_url": profile.base_url} | {f"addresses.{each}": url for each, url in profile.addresses.items()}
    for key, url in addresses.items():
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname or address.query or address.username:
            raise ConfigurationError(
                f"{key} is not an address to talk to",
                where=where,
                mend="write scheme, host and path only, such as https://api.example.com",
            )
    for header in profile.headers:
        if header.lower() in _SECRET_HEADERS:
            raise ConfigurationError(
                f"headers.{header} is a credential", where=where, mend="remove it; keys come from the configuration"
            )
