"""Every layer against an oracle written by hand: whole truth tables of who may say yes and who may say no."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from offramp.contracts.declaration import Adoption, Declaration, MissionEvidence, Organisation, Signature, Waiver
from offramp.contracts.policy import Decision, PolicyContract
from offramp.contracts.uses import Facets, UseCode
from offramp.policy import compile_policy
from offramp.types import Identity
from support.layers_oracle import AXES, TABLES, Verdict, World, anywhere, table, verdict
from support.policies import (
    EVIDENCE,
    FIRST,
    HARMLESS,
    LAST,
    NO,
    NOON,
    TODAY,
    TOMORROW,
    UNREVIEWED,
    YES,
    YESTERDAY,
    adoption,
    agreement,
    approval,
    clause,
    contract,
    declaration,
    endpoint,
    loaded,
    organisation,
    sources,
)
from support.waivers import waiver

ABOUT_ANOTHER = clause("permit", "gen.logistics")


def use_of(world: World) -> UseCode:
    return "surv.deanon" if world.use == "sensitive" else "gen.draft"


def facets_of(world: World) -> Facets:
    given: dict[str, Any] = {"oversight": "approve"}
    if world.floor == "hit":
        given |= {"population": "domestic", "scale": "mass", "data_source": "purchased"}
    return replace(HARMLESS, **given)


def declaration_of(world: World) -> Declaration:
    parts: dict[str, Any] = {
        "sound": {},
        "expired": {"valid_until": YESTERDAY},
        "not begun": {"valid_from": TOMORROW},
        "not approved": {"approved": None},
        "approved tomorrow": {"approved": Signature(by="approver", on=TOMORROW)},
    }[world.declaration]
    shown = EVIDENCE if world.evidence == "shown" else MissionEvidence(role="duty officer")
    return declaration(use_of(world), facets=facets_of(world), evidence=shown, **parts)


def organisation_of(world: World) -> Organisation:
    parts: dict[str, Any] = {
        "none": {"endpoints": ("endpoint:nobody",)},
        "expired": {"valid_until": YESTERDAY},
        "of another mission": {"mission": "other"},
        "elsewhere": {"endpoints": ("endpoint:b",)},
        "of another use": {"uses": ("gen.logistics",)},
    }.get(world.approval, {})
    approvals = () if world.approval == "none" else (approval(**parts),)
    return organisation(
        approvals=approvals,
        adoptions=adoptions_of(world),
        allow_unreviewed=world.unreviewed == "taken by the organisation",
        valid_until=YESTERDAY if world.approval == "file expired" else LAST,
    )


def adoptions_of(world: World) -> tuple[Adoption, ...]:
    if world.silence in ("denies", "left open"):
        return ()
    version = "9" if world.silence == "adopted in another version" else "1"
    until = YESTERDAY if world.silence == "adoption expired" else LAST
    return (adoption(version=version, valid_until=until),)


def vendor_of(world: World) -> list[PolicyContract]:
    def doc(*clauses: Any, **parts: Any) -> PolicyContract:
        return contract("a", *clauses, silence="deny" if world.silence == "denies" else "org-decides", **parts)

    made: dict[str, list[PolicyContract]] = {
        "permits": [doc(YES)],
        "silent": [doc(ABOUT_ANOTHER)],
        "forbids": [doc(NO, YES)],
        "expired": [doc(YES, valid_until=YESTERDAY)],
        "not begun": [doc(YES, effective=TOMORROW)],
        "unknown": [],
        "unreviewed": [doc(YES, **UNREVIEWED)],
        "unreviewed forbids": [doc(NO, YES, **UNREVIEWED)],
        "asks for evidence": [doc(clause("permit", "*", needs=("authority_to_stop",)))],
        "asks for what is not given": [doc(clause("permit", "*", needs=("vendor_approval",)))],
        "statement only": [doc(ABOUT_ANOTHER, kind="public-statement")],
        "statement forbids": [doc(YES), doc(NO, kind="public-statement", name="statement")],
        "newer forbids": [doc(YES), doc(NO, YES, version="2", effective=TODAY)],
    }
    return made[world.vendor]


def deal_of(world: World) -> list[PolicyContract]:
    match world.deal:
        case "none" | "not found":
            return []
        case "permits" | "not configured":
            return [agreement(YES)]
        case "silent":
            return [agreement(ABOUT_ANOTHER)]
        case "forbids":
            return [agreement(NO, YES)]
        case "expired":
            return [agreement(YES, valid_until=YESTERDAY)]
        case "not begun":
            return [agreement(YES, effective=TOMORROW)]
        case "unreviewed":
            return [agreement(YES, **UNREVIEWED)]
        case "of another version":
            return [agreement(YES, version="9")]
        case other:
            raise KeyError(other)


def channel_of(world: World) -> list[PolicyContract]:
    if world.channel == "none":
        return []
    clauses = {"silent": (ABOUT_ANOTHER,), "forbids": (NO, YES)}.get(world.channel, (YES,))
    parts: dict[str, Any] = {
        "expired": {"valid_until": YESTERDAY},
        "not begun": {"effective": TOMORROW},
        "unreviewed": UNREVIEWED,
    }.get(world.channel, {})
    return [contract("cloud", *clauses, layer="channel", kind="channel-terms", applies_to=("host:a",), **parts)]


def general_of(world: World) -> list[PolicyContract]:
    """The organisation's own floor, and its carry-over contract."""
    when: dict[str, dict[str, Any]] = {
        "expired": {"valid_until": YESTERDAY},
        "not begun": {"effective": TOMORROW, "valid_until": None},
    }
    made: list[PolicyContract] = []
    if world.own_floor != "none":
        rows = (clause("forbid", "gen.logistics"),) if world.own_floor in ("about another use", "expired") else (NO,)
        dates = when.get(world.own_floor, {})
        made.append(contract("org", *rows, layer="floor", kind="organisation-floor", applies_to=(), **dates))
    if world.carried != "none":
        rows = (clause("forbid", "gen.logistics"),) if world.carried == "expired" else (NO,)
        dates = when.get(world.carried, {})
        made.append(
            contract("c", *rows, layer="carry-over", kind="usage-policy", name="b terms", applies_to=(), **dates)
        )
    return made


def other_of(world: World) -> list[PolicyContract]:
    match world.other:
        case "none" | "unknown" | "removed and unknown":
            return []
        case "permits":
            return [contract("b")]
        case "forbids" | "removed and forbids":
            return [contract("b", NO, YES)]
        case "expired forbids":
            return [contract("b", NO, YES, valid_until=YESTERDAY)]
        case other:
            raise KeyError(other)


def waivers_of(world: World) -> tuple[Waiver, ...]:
    """Of a carry-over contract's clause and the other endpoint's: both stand under the name `b terms`."""
    if world.waiver == "none":
        return ()
    whole = world.waiver in ("of all from there", "of all by two")
    given: dict[str, Any] = {
        "document": "endpoint:b" if whole else "b terms",
        "clauses": ("*",) if whole else ("forbid",),
        "authority": "ann",
        "on": FIRST,
        "valid_until": LAST,
        "second_authority": "ben" if world.waiver in ("by two", "of all by two") else None,
    }
    given |= {
        "expired": {"valid_until": YESTERDAY},
        "not begun": {"on": TOMORROW},
        "of another mission": {"mission": "other"},
        "of another clause": {"clauses": ("permit", "forbid.2")},
    }.get(world.waiver, {})
    return (waiver(**given),)


def decided(world: World) -> Decision:
    """What Offramp says of a world."""
    deal = None if world.deal in ("none", "not configured") else "deal"
    here = endpoint("a", agreement=deal)
    on_route = [endpoint("b")] if world.other in ("permits", "forbids", "unknown", "expired forbids") else []
    removed = [endpoint("b")] if world.other.startswith("removed") else []
    org = organisation_of(world)
    files: dict[str, Any] = {"organisations": [loaded(org)], "declaration": loaded(declaration_of(world))}
    if world.waiver == "file expired":
        # Waivers within an organisation's file end with the file. Its approval stands in another one.
        old = organisation(name="old", approvals=(), waivers=waivers_of(world), valid_until=YESTERDAY)
        files["organisations"].append(loaded(old))
    else:
        files["organisations"].append(loaded(organisation(name="more", approvals=(), waivers=waivers_of(world))))
    contracts = (*vendor_of(world), *deal_of(world), *channel_of(world), *general_of(world), *other_of(world))
    read = sources(*contracts, allow_unreviewed=world.unreviewed == "taken by the configuration", **files)
    return _compiled(read, [here, *on_route], removed).decide(here, NOON)


def _compiled(read: Any, route: list[Identity], removed: list[Identity]) -> Any:
    return compile_policy("triage", read, route=route, formerly=removed)


def mismatches(worlds: Iterable[World]) -> list[tuple[dict[str, str], Verdict, list[str]]]:
    """Worlds in which Offramp and the oracle differ: what is not sound in them, what is right, and what was said."""
    found: list[tuple[dict[str, str], Verdict, list[str]]] = []
    for world in worlds:
        right, decision = verdict(world), decided(world)
        against = {each.layer for each in decision.reasons if each.effect != "permit"}
        if (decision.allowed, against) != (right.allowed, right.against):
            odd = {axis: word for axis, word in world._asdict().items() if word != AXES[axis][0]}
            found.append((odd, right, [str(each) for each in decision.reasons]))
    return found


@pytest.mark.parametrize("name", TABLES)
def test_a_whole_table_agrees_with_the_oracle(name: str):
    assert mismatches(table(name))[:3] == []


def test_worlds_from_anywhere_agree_with_the_oracle():
    assert mismatches(anywhere(3000, seed=5))[:3] == []


def test_every_table_holds_both_answers():
    answers = {name: {verdict(world).allowed for world in table(name)} for name in TABLES}

    assert answers == {name: {True, False} for name in TABLES}


def test_every_word_of_the_oracle_stands_in_a_table():
    crossed = {axis for axes in TABLES.values() for axis in axes}

    assert crossed == set(AXES)
    assert World._fields == tuple(AXES)


def test_the_first_word_of_each_axis_is_sound():
    sound = World(**{axis: words[0] for axis, words in AXES.items()})

    assert sound == World()
    assert verdict(sound).allowed
    assert decided(sound).allowed
    assert date(2026, 11, 22) == YESTERDAY
