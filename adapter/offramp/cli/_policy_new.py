"""`offramp policy new`: what a vendor still lacks before a mission may use it: terms to be read, or an approval."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from offramp.catalog import load_profile, policy_text, vendor_names
from offramp.cli._declared import declared_sentences
from offramp.cli._enlist import enlist
from offramp.cli._output import console
from offramp.cli._policies import Policies, policies_in
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.config import Config, load_config
from offramp.contracts.profile import VendorProfile
from offramp.errors import ConfigurationError
from offramp.policy.plain import plain_organisation
from offramp.policy.steps import approval
from offramp.policy.unread import UnreadLayer, unread_terms

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"


def new(
    vendor: Annotated[str, typer.Argument(help="A vendor, or the developer of models that others run.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write what a vendor lacks before plain missions may use it, beside offramp.toml, which then names it.

    Where terms ship with Offramp: the organisation's approval of each mission that has this vendor on its route. Where
    nobody has read them: a contract that denies until somebody has read the terms and filled it in.
    """
    setting, today = load_config(config), datetime.now(UTC).date()
    name, text, told = _made(vendor, setting, config, today)
    out = console()
    if text is None:
        out.print(told)
        return
    file = config.parent / name
    if file.exists():
        raise ConfigurationError("is there already, and is not overwritten", where=str(file), mend="move it away")
    file.write_text(text, "utf-8")
    out.print(f"wrote {file}: {told}")
    if not enlist(config, (), "policy", name):
        out.print(f'add it to `policy` in {config}: "{name}"')


def _made(vendor: str, setting: Config, config: Path, today: date) -> tuple[str, str | None, str]:
    """The file's name, its text (None: there is nothing to write), and what it is."""
    if vendor not in vendor_names():
        return _of_developer(vendor, today)
    if policy_text(vendor) is None:
        return _of_vendor(load_profile(vendor), setting, today)
    return _approval(vendor, setting, policies_in(config), today)


def _of_developer(name: str, today: date) -> tuple[str, str, str]:
    if not re.fullmatch(_NAME, name):
        mend = f"use one of {', '.join(vendor_names())}, or the name of a developer"
        raise ConfigurationError(f"{name!r} is no name of a vendor", where="VENDOR", mend=mend)
    return _unread(name, "vendor", [f"developer:{name}"], today)


def _of_vendor(profile: VendorProfile, setting: Config, today: date) -> tuple[str, str, str]:
    """Its own terms where it made the models; else those of the host or reseller that stands between."""
    if profile.channel in ("self-host", "edge"):
        raise ConfigurationError(
            f"{profile.vendor} runs on servers of your own, which have no terms",
            mend="begin those of the models' developer: offramp policy new DEVELOPER",
        )
    named = [f"endpoint:{name}" for name, table in setting.endpoints.items() if table.vendor == profile.vendor]
    if profile.developer is not None and profile.host == profile.developer and profile.reseller is None:
        return _unread(profile.vendor, "vendor", [f"developer:{profile.developer}", *named], today)
    between = f"reseller:{profile.reseller}" if profile.reseller else f"host:{profile.host or profile.vendor}"
    return _unread(profile.vendor, "channel", [between, *named], today)


def _unread(name: str, layer: UnreadLayer, applies_to: Sequence[str], today: date) -> tuple[str, str, str]:
    file = f"{name}-terms.toml"
    text = unread_terms(name, layer=layer, applies_to=applies_to, file=file, on=today)
    return file, text, f"terms of {name} that deny until somebody has read them and filled it in"


def _approval(vendor: str, setting: Config, policies: Policies, today: date) -> tuple[str, str | None, str]:
    lacking = dict.fromkeys(_lacking(vendor, setting, policies, today))
    file = f"{vendor}-approval.toml"
    if not lacking:
        return file, None, f"nothing to write: each mission with {vendor} on its route is approved there"
    missions = list(dict.fromkeys(mission for mission, _ in lacking))
    endpoints = [f"endpoint:{name}" for name in dict.fromkeys(name for _, name in lacking)]
    text = plain_organisation(missions, endpoints=endpoints, on=today, allow_unreviewed=True)
    text = text.replace('"Organisation policy"', f'"Approval of {vendor}"')
    told = [f"approval of {', '.join(missions)} at {vendor}, for uses gen.* alone", *_declared(missions, policies)]
    return file, text, "\n  ".join(told)


def _declared(missions: Sequence[str], policies: Policies) -> Iterator[str]:
    """What is approved with each mission: who oversees it, and how far it reaches."""
    for mission in missions:
        if case := policies.of[mission].case:
            yield from (f"{mission}: {sentence}" for sentence in declared_sentences(case.declaration))


def _lacking(vendor: str, setting: Config, policies: Policies, today: date) -> Iterator[tuple[str, str]]:
    """Missions and endpoints of the vendor for which no approval is in force."""
    for mission, route in policies.routes.items():
        case = policies.of[mission].case
        for identity in route:
            if setting.endpoints[identity.endpoint].vendor == vendor and case and any(approval(case, identity, today)):
                yield mission, identity.endpoint
