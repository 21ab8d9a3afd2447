"""What a profile claims, claim by claim: of a vendor with all its models, or all that holds for one model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, fields, replace
from typing import Final, cast

from offramp.contracts.capability import Capability, Limits, Requirement
from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Offer, Price
from offramp.contracts.profile import ModelFacts, ModelFamily, Option, VendorProfile
from offramp.seeds import figures_of, seeds_of
from offramp.types import JsonObject, value


@value
class Claim:
    """One claim, with the key in the profile under which it stands."""

    key: str
    says: str
    evidence: Evidence
    note: str | None = None
    _: KW_ONLY
    of: str = ""
    """Whose claim it is, where several could have made it: the `model`'s, its `family`'s or the `vendor`'s."""

    def as_json(self) -> JsonObject:
        """The claim and its evidence, for programs."""
        evidence = self.evidence
        return {
            "claim": self.key,
            **({"of": self.of} if self.of else {}),
            "says": self.says,
            "note": self.note,
            "level": evidence.level,
            "checked": evidence.checked.isoformat(),
            "source": evidence.source,
            "check_id": evidence.check_id,
            "digest": evidence.digest,
        }


def claims_of(profile: VendorProfile) -> Iterator[Claim]:
    """The address, every capability, and what is said of each model."""
    yield _address(profile)
    yield from _stated("", profile.capabilities, profile.offers)
    for dialect, api in profile.apis.items():
        yield Claim(dialect, "a further API, chosen by the endpoint's `dialect`", api.evidence)
        yield from _stated(f"{dialect} ", api.capabilities, ())
    for model, facts in profile.models.items():
        yield Claim(model, _model(facts), facts.evidence)
        yield from _stated(f"{model} ", facts.capabilities, facts.offers)
        yield from _seeded(profile, model)
    for pattern, family in profile.families.items():
        yield Claim(pattern, "a family: all models whose names fit", family.evidence)
        yield from _stated(f"{pattern} ", family.capabilities, ())


def claims_about(profile: VendorProfile, model: str) -> Iterator[Claim]:
    """All that holds for one model: where it is asked, its figures, and each claim and rule with whose it is."""
    own, pattern = profile.models.get(model), profile.family_of(model)
    yield _address(profile)
    if own is None:
        yield Claim(model, _UNLISTED, Evidence(level="unverified", checked=profile.evidence.checked))
    else:
        yield Claim(model, _model(own), own.evidence, _served_as(own))
    yield from _seeded(profile, model)
    layers = [("model", own), (f"family {pattern}", profile.families.get(pattern or "")), ("vendor", profile)]
    told: set[str] = set()
    for of, table in layers:
        # A claim stands with its limits or without any; of offers, each is shown, for an earlier one may be silent.
        fresh = [one for one in _said(table) if one.key.removesuffix(_LIMITS) not in told]
        told |= {one.key for one in fresh} - {_OFFER}
        for one in fresh:
            yield Claim(one.key, one.says, one.evidence, one.note, of=of)


_LIMITS: Final = " limits"
_OFFER: Final = "offer"
_UNLISTED: Final = "not listed: nothing is known of it but what holds for all"
_SEED: Final = "Of a table of somebody else's: shown, never decided on."


def _said(table: ModelFacts | ModelFamily | VendorProfile | None) -> Iterator[Claim]:
    if table is not None:
        yield from _stated("", table.capabilities, () if isinstance(table, ModelFamily) else table.offers)
        yield from (_rule(name, option, table.evidence) for name, option in table.options.items())


def _address(profile: VendorProfile) -> Claim:
    return Claim("address", f"{profile.base_url}, {profile.auth}", profile.evidence)


def _seeded(profile: VendorProfile, model: str) -> list[Claim]:
    """What installed tables say of a model where the profile says nothing. No decision reads it."""
    seeds = seeds_of(profile.vendor, model)
    figures = figures_of(profile.models.get(model), seeds)
    said = [(seed, [each.says for each in figures if each.evidence is seed.evidence]) for seed in seeds]
    return [Claim(f"{model} (seed)", ", ".join(words), seed.evidence, _SEED) for seed, words in said if words]


def _stated(whose: str, claims: Mapping[Requirement, Capability], offers: Sequence[Offer]) -> Iterator[Claim]:
    for name, claim in claims.items():
        yield Claim(f"{whose}{name}", claim.support, claim.evidence, claim.note)
        if claim.limits is not None:
            yield Claim(f"{whose}{name}{_LIMITS}", _figures(claim.limits), claim.limits.evidence or claim.evidence)
    beyond: int | None = None
    for offer in offers:
        yield Claim(f"{whose}{_OFFER}", _offered(offer, beyond), offer.evidence)
        if offer.price is not None:
            beyond = offer.price.up_to_input_tokens


def _rule(name: str, option: Option, evidence: Evidence) -> Claim:
    """A rule for encoders, in the words of a profile."""
    said = " ".join(option) or "none" if isinstance(option, tuple) else str(option)
    return Claim(f"option {name}", said.lower() if isinstance(option, bool) else said, evidence)


def _offered(offer: Offer, beyond: int | None) -> str:
    """What is offered, in words; `beyond`: the size of input that the price before this one holds for."""
    words = [_price(offer.price, beyond)] if offer.price is not None else []
    if offer.retention_days is not None:
        days = offer.retention_days
        words.append(f"keeps requests and answers for at most {days} days" if days else "keeps no request or answer")
    if offer.trains_on_data is not None:
        words.append(f"{'trains' if offer.trains_on_data else 'does not train'} on requests and answers")
    rest = _figures(replace(offer, price=None, retention_days=None, trains_on_data=None))
    return "; ".join([*words, *([rest] if rest else [])])


def _price(price: Price, beyond: int | None) -> str:
    given = [
        (price.input_usd, "in"),
        (price.output_usd, "out"),
        (price.cache_read_usd, "read from a cache"),
        (price.cache_write_usd, "written to a cache"),
    ]
    said = ", ".join(f"{usd} {what}" for usd, what in given if usd is not None)
    bound = price.up_to_input_tokens
    size = f"up to {bound}" if bound is not None else f"more than {beyond}" if beyond is not None else None
    return f"USD a million tokens{f', of requests with {size} of input' if size else ''}: {said}"


def _figures(stated: Limits | Offer) -> str:
    """The figures and words that are stated, each with its name."""
    given = {each.name: getattr(stated, each.name) for each in fields(stated) if each.name != "evidence"}
    return ", ".join(f"{name} {_figure(held)}" for name, held in given.items() if held is not None)


def _figure(held: object) -> str:
    match held:
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


def _served_as(facts: ModelFacts) -> str | None:
    return f"Answers as {', '.join(facts.served_as)}." if facts.served_as else None
