"""Every statement of a profile with its evidence, and where what it rests on can be opened."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from offramp.contracts.capability import Capability, Requirement
from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Offer
from offramp.contracts.profile import VendorProfile


def statements(profile: VendorProfile) -> Iterator[tuple[str, Evidence]]:
    """Every statement's evidence, with the key under which it stands."""
    yield "profile", profile.evidence
    yield from _claims("", profile.capabilities, profile.offers)
    for dialect, api in profile.apis.items():
        yield f"apis.{dialect}", api.evidence
        yield from _claims(f"apis.{dialect}.", api.capabilities, ())
    for model, facts in profile.models.items():
        yield f"models.{model}", facts.evidence
        yield from _claims(f"models.{model}.", facts.capabilities, facts.offers)
    for pattern, family in profile.families.items():
        yield f"families.{pattern}", family.evidence
        yield from _claims(f"families.{pattern}.", family.capabilities, ())


def address_of(source: str, profile: VendorProfile) -> str | None:
    """Where a source can be opened: itself, or what the profile's `sources` say of its name. None: nobody says."""
    return source if "://" in source else profile.sources.get(source)


def can_be_opened(address: str) -> bool:
    """Whether this is a page on the public net: encrypted, of a host with a name. Nothing is asked."""
    parts = urlsplit(address)
    return parts.scheme == "https" and "." in (parts.hostname or "") and " " not in address


def _claims(
    where: str, claims: Mapping[Requirement, Capability], offers: Sequence[Offer]
) -> Iterator[tuple[str, Evidence]]:
    for name, claim in claims.items():
        yield f"{where}capabilities.{name}", claim.evidence
        if claim.limits is not None and claim.limits.evidence is not None:
            yield f"{where}capabilities.{name}.limits", claim.limits.evidence
    for place, offer in enumerate(offers):
        yield f"{where}offers.{place}", offer.evidence
