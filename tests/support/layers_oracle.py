"""The layers of policy as truth tables: who may say yes, who may say no. It imports nothing of Offramp, on purpose.

A world is one mission at one endpoint `a` on one day, in words. `verdict` says from the words alone whether the mission
may use it, and which layers stand against it.
"""

import random
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple


class World(NamedTuple):
    """One word for each thing that a decision turns on. The first word of each axis is the sound one."""

    declaration: str = "sound"
    approval: str = "sound"
    evidence: str = "shown"
    use: str = "plain"
    floor: str = "clear"
    own_floor: str = "none"
    carried: str = "none"
    vendor: str = "permits"
    silence: str = "denies"
    deal: str = "none"
    channel: str = "none"
    other: str = "none"
    waiver: str = "none"
    unreviewed: str = "refused"


AXES: dict[str, tuple[str, ...]] = {
    "declaration": ("sound", "expired", "not begun", "not approved", "approved tomorrow"),
    "approval": ("sound", "none", "expired", "of another mission", "elsewhere", "of another use", "file expired"),
    "evidence": ("shown", "not shown"),
    "use": ("plain", "sensitive"),
    "floor": ("clear", "hit"),
    "own_floor": ("none", "forbids", "expired", "not begun", "about another use"),
    "carried": ("none", "forbids", "expired", "not begun"),
    "vendor": (
        *("permits", "silent", "forbids", "expired", "not begun", "unknown", "unreviewed", "unreviewed forbids"),
        *("asks for evidence", "asks for what is not given", "statement only", "statement forbids", "newer forbids"),
    ),
    "silence": ("denies", "left open", "adopted", "adoption expired", "adopted in another version"),
    "deal": (
        *("none", "permits", "silent", "forbids", "expired", "not begun", "unreviewed", "of another version"),
        *("not configured", "not found"),
    ),
    "channel": ("none", "permits", "silent", "forbids", "expired", "not begun", "unreviewed"),
    "other": ("none", "permits", "forbids", "unknown", "expired forbids", "removed and forbids", "removed and unknown"),
    "waiver": (
        *("none", "of the clause", "of all from there", "by two", "of all by two", "expired", "not begun"),
        *("of another mission", "of another clause", "file expired"),
    ),
    "unreviewed": ("refused", "taken by the organisation", "taken by the configuration"),
}

IN_FORCE_WAIVERS = ("of the clause", "of all from there", "by two", "of all by two")


class Verdict(NamedTuple):
    """What is right in a world."""

    allowed: bool
    against: frozenset[str]
    """The layers that deny."""


def verdict(world: World) -> Verdict:
    """Who stands against it. Nobody: it is allowed."""
    against = {
        "declaration": world.declaration != "sound" or world.evidence == "not shown",
        "organisation": world.approval != "sound",
        "floor": world.floor == "hit" or world.own_floor in ("forbids", "expired"),
        "carry-over": _carried_stands(world) or _other_forbids(world),
        "vendor": _vendor_denies(world) or (_other_is_unknown(world) and not _lifts_all(world)),
        "agreement": _deal_denies(world),
        "channel": _channel_denies(world),
    }
    layers = frozenset(layer for layer, stands in against.items() if stands)
    return Verdict(not layers, layers)


def _takes_unreviewed(world: World) -> bool:
    return world.unreviewed != "refused"


# Vendor and agreement.


def _vendor_denies(world: World) -> bool:
    if world.vendor == "statement forbids":
        return True  # an agreement replaces the document that it names, and no other
    if _replaced(world):
        return False
    return {
        "permits": False,
        "silent": not _adopted(world),
        "forbids": True,
        "expired": True,
        "not begun": True,
        "unknown": True,
        "unreviewed": not _takes_unreviewed(world),
        "unreviewed forbids": True,
        "asks for evidence": world.evidence == "not shown",
        "asks for what is not given": True,
        "statement only": True,
        "newer forbids": True,
    }[world.vendor]


def _adopted(world: World) -> bool:
    """The organisation has adopted the use. Its file must be in force."""
    return world.silence == "adopted" and world.approval != "file expired"


def _replaced(world: World) -> bool:
    """Whether an agreement in force stands where the vendor's own document of that very version would."""
    in_force = world.deal in ("permits", "silent", "forbids") or (
        world.deal == "unreviewed" and _takes_unreviewed(world)
    )
    return in_force and world.vendor in (
        *("permits", "silent", "forbids", "expired", "unreviewed", "unreviewed forbids"),
        *("asks for evidence", "asks for what is not given", "statement forbids"),
    )


def _deal_denies(world: World) -> bool:
    if world.deal in ("forbids", "expired", "not begun", "not found"):
        return True
    return world.deal == "silent" and _replaced(world)


# Channel.


def _channel_denies(world: World) -> bool:
    if world.channel == "unreviewed":
        return not _takes_unreviewed(world)
    return world.channel in ("silent", "forbids", "expired")


# What a move carries over.


def _carried_stands(world: World) -> bool:
    if world.carried == "expired":
        return True
    return world.carried == "forbids" and not _lifts_the_clause(world)


def _other_forbids(world: World) -> bool:
    forbids = world.other in ("forbids", "expired forbids", "removed and forbids")
    return forbids and not (_lifts_the_clause(world) or _lifts_all(world))


def _other_is_unknown(world: World) -> bool:
    return world.other in ("unknown", "removed and unknown")


def _counts(world: World) -> bool:
    """A waiver in force, with two names where the use is sensitive."""
    if world.waiver not in IN_FORCE_WAIVERS:
        return False
    return world.use == "plain" or world.waiver in ("by two", "of all by two")


def _lifts_the_clause(world: World) -> bool:
    """It names the clause and the documents: those of a carry-over contract and of the other endpoint alike."""
    return _counts(world) and world.waiver in ("of the clause", "by two")


def _lifts_all(world: World) -> bool:
    """It names the other endpoint, and with it all that came from there."""
    return _counts(world) and world.waiver in ("of all from there", "of all by two")


# Tables.

TABLES: dict[str, tuple[str, ...]] = {
    "vendor and agreement": ("vendor", "silence", "deal", "unreviewed"),
    "channel": ("channel", "vendor", "deal", "unreviewed"),
    "route": ("other", "waiver", "use", "carried"),
    "floors": ("floor", "own_floor", "carried", "waiver", "use"),
    "organisation": ("declaration", "approval", "evidence", "vendor"),
    "adoption": ("approval", "silence", "deal", "evidence"),
}
"""Axes that are crossed with each other in full; the rest stays sound."""


def table(name: str) -> Iterator[World]:
    """Every world of one table."""
    axes = TABLES[name]
    return (World(**dict(zip(axes, words, strict=True))) for words in product(*(AXES[axis] for axis in axes)))


def anywhere(count: int, seed: int) -> list[World]:
    """Worlds from anywhere, reproducibly: mostly sound, so that what stands against one is seldom hidden."""
    chance = random.Random(seed)  # noqa: S311  # a reproducible sample, not a secret

    def word(axis: str) -> str:
        return AXES[axis][0] if chance.random() < 0.6 else chance.choice(AXES[axis])

    return [World(**{axis: word(axis) for axis in AXES}) for _ in range(count)]
