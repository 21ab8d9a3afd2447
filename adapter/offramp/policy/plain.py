"""First policy files for a plain mission, with comments: office work about nobody, with no effect but an answer."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files

_YEAR = timedelta(days=365)

_DECLARATION = """\
# What the mission {mission} is for. Its use comes from this file alone: nothing in a message or in code changes it.
schema = 1
mission = {mission}
owner = {owner}
approver = {approver}

# Every use, by its code. `offramp policy explain` says what stands for or against one.
uses = ["gen.draft", "gen.summarise", "gen.translate", "gen.code", "gen.search"]

# The first and the last day (UTC). The day after the last, everything is denied until the owner renews it.
valid_from = {first}
valid_until = {last}

# Who approved this declaration. Without it nothing is sent.
approved = {{ by = {approver}, on = {first} }}

# A facet that is left out counts as `unstated`, and meets every prohibition.
[facets]
oversight = "advisory"          # approve, supervise, advisory, none: a person reads it and decides
weapon_autonomy = "not-weapon"  # decision-support, semi, supervised, full
population = "none"             # whom the data is about: none, consenting, own-staff, foreign, domestic, mixed
scale = "none"                  # individual, enumerated, mass
data_source = "own-system"      # public, purchased, intercepted, biometric, none
legal_basis = "none-needed"     # consent, judicial, statute (these two with [evidence] legal_citation)
effect = "none"                 # administrative, legal, physical, kinetic, lethal
customer = "private"            # civil-gov, defence, intelligence, law-enforcement
channel = "vendor-api"          # cloud-market, dedicated, self-host, edge

# Who oversees. With `approve` each call waits for the approval of a person in this role (`offramp approvals`); with
# `supervise` every call is denied while nobody in it watches (`offramp supervise`).
# [evidence]
# role = "duty officer"
# authority_to_stop = "standing order 7"
# reaction_time_s = 60

# How far it reaches within any 24 hours. Without it, `individual` and `enumerated` mean 1000 people and 10 000 calls,
# `none` denies a call that names a person, and `mass` is not counted. What goes beyond is denied.
# [bounds]
# window_hours = 24
# subjects = 40
# calls = 400
"""

_ORGANISATION = """\
# What the organisation has decided: which mission may go where. The shipped floor holds in any case.
schema = 1
layer = "organisation"
name = "Organisation policy"
version = "1"
authority = {by}
effective = {first}
review_by = {review}    # warns 30, 7 and 1 days ahead
valid_until = {last}  # the last day, UTC; the day after, everything is denied

# The contracts that ship with Offramp were read from the vendors' public texts and reviewed by nobody. `true` uses them
# all the same, and every report says so. Have them reviewed before a mission that matters depends on them.
allow_unreviewed = {allow_unreviewed}
"""

_APPROVAL = """
[[approvals]]
mission = {mission}
uses = ["gen.*"]
endpoints = {endpoints}  # selectors: endpoint:a, developer:name, host:name, agreement:name
by = {by}
on = {first}
valid_until = {last}
"""


def plain_declaration(mission: str, *, on: date, owner: str = "to be named", approver: str = "to be named") -> str:
    """The declaration of a plain mission, valid for a year, as commented TOML."""
    return _DECLARATION.format(
        mission=_quoted(mission), owner=_quoted(owner), approver=_quoted(approver), first=on, last=on + _YEAR
    )


def plain_organisation(
    missions: Sequence[str], *, endpoints: Sequence[str], on: date, allow_unreviewed: bool, by: str = "to be named"
) -> str:
    """An organisation's file that approves plain missions for a year, as commented TOML.

    Args:
        missions: their names.
        endpoints: selectors of where they may go, such as `endpoint:a`.
        on: the first day.
        allow_unreviewed: use the shipped contracts, which nobody has reviewed.
        by: who approves.
    """
    last, review = on + _YEAR, on + _YEAR / 2
    head = _ORGANISATION.format(
        by=_quoted(by), first=on, review=review, last=last, allow_unreviewed=str(allow_unreviewed).lower()
    )
    where = json.dumps(list(endpoints))
    approvals = [
        _APPROVAL.format(mission=_quoted(mission), endpoints=where, by=_quoted(by), first=on, last=last)
        for mission in missions
    ]
    return "".join([head, *approvals])


def contract_template() -> str:
    """A documented contract to begin from: of a vendor named `acme`, valid as it stands."""
    return (files("offramp.policy") / "template.toml").read_text("utf-8")


def plain_terms(developer: str, *, on: date) -> str:
    """The template as a contract of this developer, valid for a year: it permits office work and nothing else.

    For emulators and for a first agreement to be edited; it claims nothing about any real vendor's terms.
    """
    return (
        contract_template()
        .replace("developer:acme", f"developer:{developer}")
        .replace("Acme", developer)
        .replace("2026-01-01", on.isoformat())
        .replace("2026-06-30", (on + _YEAR / 2).isoformat())
        .replace("2026-12-31", (on + _YEAR).isoformat())
    )


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)
