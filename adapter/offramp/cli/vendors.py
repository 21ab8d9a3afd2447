"""`offramp vendors`: whom this installation can talk to, and what is claimed of each, on what evidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, cast

import typer
from rich.table import Table
from rich.text import Text

from offramp.catalog import load_profile, policy_text, vendor_names
from offramp.cli._output import console, print_json
from offramp.cli._scaffold import scaffold_vendor
from offramp.cli._state import JsonOption
from offramp.contracts.capability import Capability, Limits, Requirement
from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Offer, Price
from offramp.contracts.profile import ModelFacts, VendorProfile
from offramp.errors import OfframpError
from offramp.policy import contract_from
from offramp.seeds import figures_of, seeds_of
from offramp.types import JsonObject, value

vendors_app = typer.Typer(help="Installed vendors and what is claimed of them.", invoke_without_command=True)


@value
class Claim:
    """One claim, with the key in the profile under which it stands."""

    key: str
    says: str
    evidence: Evidence
    note: str | None = None


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(vendors_app, name="vendors")


@vendors_app.callback(invoke_without_command=True)
def vendors(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """List the vendors that are installed."""
    if context.invoked_subcommand is not None:
        return
    rows = [_vendor_json(name) for name in vendor_names()]
    if as_json:
        print_json({"schema": "offramp-vendors/1", "vendors": rows})
        return
    table = Table("vendor", "title", "dialects", "address", "models", "policy contract")
    for row in rows:
        words = (row["vendor"], row["title"], ", ".join(row["dialects"]), row["base_url"], row["models"], row["policy"])
        table.add_row(*(Text("unknown" if word is None else str(word)) for word in words))
    console().print(table)


@vendors_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A vendor, as `offramp vendors` lists it.")],
    *,
    model: Annotated[str | None, typer.Option(help="A further model, to see what installed tables say of it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every claim about a vendor with its evidence and the day it was checked."""
    profile = load_profile(name)
    claims = list(claims_of(profile))
    if model is not None and model not in profile.models:
        claims += _seeded(profile, model) or [_unknown(profile, model)]
    if as_json:
        print_json({"schema": "offramp-vendor/1", **_vendor_json(name), "claims": [_claim_json(one) for one in claims]})
        return
    out = console()
    out.print(f"{profile.title}: {', '.join(profile.dialects)} at {profile.base_url}; policy contract: {_policy(name)}")
    table = Table("claim", "says", "evidence", "checked", "source", "note")
    for one in claims:
        where = one.evidence.source or one.evidence.check_id or ""
        words = (one.key, one.says, one.evidence.level, one.evidence.checked.isoformat(), where, one.note or "")
        table.add_row(*map(Text, words))
    out.print(table)


@vendors_app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="What to call it: lower-case letters, digits and dashes.")],
    *,
    into: Annotated[Path, typer.Option(help="Folder to write the package into.")] = Path(),
) -> None:
    """Begin a vendor in a package of its own: a profile, a policy contract that denies, and its entry point."""
    written = scaffold_vendor(name, into=into, today=datetime.now(UTC).date())
    out = console()
    for path in written:
        out.print(Text(f"wrote {path}"))
    out.print(Text(f"next: fill in the profile, then pip install --editable {written[0].parent}"))
    out.print(Text(f"then: offramp vendors show {name}"))


def claims_of(profile: VendorProfile) -> Iterator[Claim]:
    """The address, every capability, and what is said of each model."""
    yield Claim("address", f"{profile.base_url}, {profile.auth}", profile.evidence)
    yield from _stated("", profile.capabilities, profile.offers)
    for dialect, api in profile.apis.items():
        yield Claim(dialect, "a further API, chosen by the endpoint's `dialect`", api.evidence)
        yield from _stated(f"{dialect} ", api.capabilities, ())
    for model, facts in profile.models.items():
        yield Claim(model, _model(facts), facts.evidence)
        yield from _stated(f"{model} ", facts.capabilities, facts.offers)
        yield from _seeded(profile, model)


def _seeded(profile: VendorProfile, model: str) -> list[Claim]:
    """What installed tables say of a model where the profile says nothing. No decision reads it."""
    seeds = seeds_of(profile.vendor, model)
    figures = figures_of(profile.models.get(model), seeds)
    said = [(seed, [each.says for each in figures if each.evidence is seed.evidence]) for seed in seeds]
    return [Claim(f"{model} (seed)", ", ".join(words), seed.evidence, _SEED) for seed, words in said if words]


_SEED: Final = "Of a table of somebody else's: shown, never decided on."


def _unknown(profile: VendorProfile, model: str) -> Claim:
    return Claim(model, "nothing is known of it", Evidence(level="unverified", checked=profile.evidence.checked))


def _stated(whose: str, claims: Mapping[Requirement, Capability], offers: Sequence[Offer]) -> Iterator[Claim]:
    for name, claim in claims.items():
        yield Claim(f"{whose}{name}", claim.support, claim.evidence, claim.note)
        if claim.limits is not None:
            yield Claim(f"{whose}{name} limits", _figures(claim.limits), claim.limits.evidence or claim.evidence)
    for offer in offers:
        yield Claim(f"{whose}offer", _figures(offer), offer.evidence)


def _figures(stated: Limits | Offer | Price) -> str:
    """The figures and words that are stated, each with its name."""
    given = {each.name: getattr(stated, each.name) for each in fields(stated) if each.name != "evidence"}
    return ", ".join(f"{name} {_figure(held)}" for name, held in given.items() if held is not None)


def _figure(held: object) -> str:
    match held:
        case Price():
            return f"({_figures(held)})"
        case tuple():
            return " ".join(map(str, cast("tuple[object, ...]", held))) or "none"
        case _:
            return str(held)


def _model(facts: ModelFacts) -> str:
    words = [
        f"{facts.context_tokens} tokens of context" if facts.context_tokens is not None else "context unknown",
        f"at most {facts.max_output_tokens} out" if facts.max_output_tokens is not None else "bound of output unknown",
    ]
    words += [f"deprecated {facts.deprecated}"] if facts.deprecated else []
    words += [f"retires {facts.retires}"] if facts.retires else []
    words += [f"successor {facts.successor}"] if facts.successor else []
    return ", ".join(words)


def _vendor_json(name: str) -> JsonObject:
    profile = load_profile(name)
    return {
        "vendor": name,
        "title": profile.title,
        "developer": profile.developer,
        "host": profile.host,
        "dialect": profile.dialect,
        "dialects": list(profile.dialects),
        "base_url": profile.base_url,
        "models": len(profile.models),
        "policy": _policy(name),
    }


def _policy(name: str) -> str:
    """Which contract ships for it. Without one the vendor is unresearched, and policy denies it.

    On a server of one's own there is nobody else's service: what binds are the terms of the weights, by developer.
    """
    shipped = policy_text(name)
    if shipped is None:
        own = load_profile(name).channel == "self-host"
        return "none: the weights' terms hold" if own else "none: unresearched, denied"
    try:
        contract = contract_from(*shipped).content
    except OfframpError as error:
        return f"unreadable, denied: {error.what}"
    return f"{contract.name} {contract.version}, {contract.status}"


def _claim_json(one: Claim) -> JsonObject:
    evidence = one.evidence
    return {
        "claim": one.key,
        "says": one.says,
        "note": one.note,
        "level": evidence.level,
        "checked": evidence.checked.isoformat(),
        "source": evidence.source,
        "check_id": evidence.check_id,
        "digest": evidence.digest,
    }
