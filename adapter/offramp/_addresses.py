"""Where an endpoint is reached: its own address, or its vendor's with region and account in their places."""

import re
from typing import Final

from offramp.contracts.profile import VendorProfile
from offramp.errors import ConfigurationError

_PLACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]*")
"""What may stand in a place of an address: it names no other host and no other path."""


def address_of(
    profile: VendorProfile, *, base_url: str | None, region: str | None, account: str | None, where: str
) -> str:
    """The base URL, without a slash at its end.

    Args:
        profile: the vendor's.
        base_url: the endpoint's own; None: the profile's for this region.
        region: the endpoint's.
        account: the endpoint's.
        where: its table, for messages.

    Raises:
        ConfigurationError: a place is left open.
    """
    address = base_url or profile.addresses.get(region or "", profile.base_url)
    missing: list[str] = []
    for place, held in (("region", region), ("account", account)):
        if f"{{{place}}}" not in address:
            continue
        if held is None or not _PLACE.fullmatch(held):
            missing.append(place)
        else:
            address = address.replace(f"{{{place}}}", held)
    if "{" in address:
        also = " and ".join(f'{each} = "…"' for each in missing)
        raise ConfigurationError(
            f"the address of {profile.vendor} differs by customer: {address}",
            where=where,
            mend=f'add {also + ", or " if also else ""}base_url = "https://…" with your own names in it',
        )
    return address.rstrip("/")
