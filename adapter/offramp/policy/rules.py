"""What a well-typed policy file may still get wrong: each rule yields where, what and the mend."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Final

from offramp.contracts.declaration import Declaration, Organisation, Waiver, WaiverFile
from offramp.contracts.policy import Clause, Conditions, NotIn, PolicyContract
from offramp.contracts.uses import FACETS, UNSTATED, USE_CODES
from offramp.errors import ConfigurationError
from offramp.policy.characters import Problem
from offramp.policy.lines import Path
from offramp.policy.table import codes_of
from offramp.types import Selector, SelectorKind

CLAUSE_ID: Final = r"[A-Za-z0-9][A-Za-z0-9.+_-]*"
ENDPOINT: Final = r"endpoint:\S(.*\S)?"
SHA256: Final = r"[0-9a-f]{64}"
MOST_HOURS: Final = 8760
SELECTORS: Final[Mapping[str, tuple[SelectorKind, ...]]] = {
    "floor": (),
    "carry-over": (),
    "channel": ("host", "reseller", "region", "endpoint"),
    "vendor": ("developer", "model", "endpoint"),
    "agreement": ("agreement", "endpoint"),
}


def contract(read: PolicyContract) -> Iterator[Problem]:
    """Rules of a policy contract."""
    yield from _contract_head(read)
    yield from _applies_to(read)
    yield from _sources(read)
    seen: set[str] = set()
    for place, clause in enumerate(read.clauses):
        if clause.id in seen:
            yield ("clauses", place, "id"), f"the clause id {clause.id!r} stands here twice", "give each its own id"
        seen.add(clause.id)
        yield from _clause(clause, ("clauses", place))


def declaration(read: Declaration) -> Iterator[Problem]:
    """Rules of a declaration."""
    if not read.uses:
        yield ("uses",), f"mission {read.mission!r} declares no use", "name each use by its code, such as gen.draft"
    reaction = read.evidence.reaction_time_s
    if reaction is not None and not 0 < reaction < math.inf:
        yield ("evidence", "reaction_time_s"), "a reaction time is a number above 0 seconds", "measure it"
    yield from _order(("valid_until",), read.valid_from, read.valid_until)
    yield from _bounds(read)


def _bounds(read: Declaration) -> Iterator[Problem]:
    bounds = read.bounds
    if bounds is None:
        return
    if not 1 <= bounds.window_hours <= MOST_HOURS:
        yield ("bounds", "window_hours"), "a window is an hour to a year long", f"write 1 to {MOST_HOURS}"
    for key in ("subjects", "calls", "labels"):
        if (getattr(bounds, key) or 0) < 0:
            yield ("bounds", key), "less than none cannot be counted", "write 0 or more"
    if read.facets.scale == "none" and bounds.subjects:
        yield ("bounds", "subjects"), "a mission of scale `none` concerns nobody", "declare the scale, or leave it out"


def organisation(read: Organisation) -> Iterator[Problem]:
    """Rules of an organisation's file."""
    yield from _order(("valid_until",), read.effective, read.valid_until)
    for place, approval in enumerate(read.approvals):
        at: Path = ("approvals", place)
        yield from patterns((*at, "uses"), approval.uses)
        yield from _selectors((*at, "endpoints"), approval.endpoints)
        yield from _order((*at, "valid_until"), approval.on, approval.valid_until)
        if approval.max_classification not in (None, *read.classifications):
            yield (*at, "max_classification"), "this word is not in `classifications`", "add it there, in rising order"
    for place, adoption in enumerate(read.adoptions):
        yield from patterns(("adoptions", place, "uses"), adoption.uses)
        yield from _order(("adoptions", place, "valid_until"), adoption.on, adoption.valid_until)
    yield from _waivers(read.waivers)


def waiver_file(read: WaiverFile) -> Iterator[Problem]:
    """Rules of a file of waivers."""
    yield from _waivers(read.waivers)


def _waivers(waivers: Iterable[Waiver]) -> Iterator[Problem]:
    for place, waiver in enumerate(waivers):
        at: Path = ("waivers", place)
        yield from _order((*at, "valid_until"), waiver.on, waiver.valid_until)
        for key, word in (("authority", waiver.authority), ("reason", waiver.reason)):
            if not word.strip():
                yield (*at, key), "a waiver names an authority and a reason", f"write the {key}"
        if waiver.second_authority is not None and waiver.second_authority.casefold() == waiver.authority.casefold():
            yield (*at, "second_authority"), "one name stands for both authorities", "name a second person"


def patterns(path: Path, written: Iterable[str]) -> Iterator[Problem]:
    """Each must mean at least one use code."""
    for place, pattern in enumerate(written):
        if not codes_of(pattern):
            near = get_close_matches(pattern, USE_CODES, n=1)
            hint = f"write {near[0]!r}" if near else "use a code of the vocabulary, or a pattern such as gen.*"
            yield (*path, place), f"{pattern[:60]!r} is not a use code", hint


def _contract_head(read: PolicyContract) -> Iterator[Problem]:
    binds_everyone = read.layer in {"floor", "carry-over"}
    if read.valid_until is None and not binds_everyone:
        yield (), "the key 'valid_until' is missing", "add the last day on which this may be relied on"
    if read.valid_until is not None:
        yield from _order(("valid_until",), read.effective, read.valid_until)
    if read.supersedes and read.layer != "agreement":
        yield ("supersedes",), "only an agreement supersedes a document", 'remove it, or set layer = "agreement"'
    if read.carried_from and read.layer != "carry-over":
        yield ("carried_from",), "only a carry-over contract comes from an endpoint", "remove it"
    for place, word in enumerate(read.carried_from):
        if not re.fullmatch(ENDPOINT, word):
            yield ("carried_from", place), f"{word[:60]!r} is no endpoint", "write endpoint:NAME"
    may_permit = not binds_everyone and read.kind != "public-statement"
    for place, clause in enumerate(read.clauses):
        if clause.effect == "permit" and not may_permit:
            yield ("clauses", place, "effect"), f"a {read.kind} can only forbid", "move the permit to an agreement"


def _applies_to(read: PolicyContract) -> Iterator[Problem]:
    kinds = SELECTORS[read.layer]
    if not kinds and read.applies_to:
        yield ("applies_to",), f"a contract of layer {read.layer!r} binds every endpoint", "remove applies_to"
    if kinds and not read.applies_to:
        yield (), "the key 'applies_to' is missing", f"name whom it binds, such as {kinds[0]}:name"
    yield from _selectors(("applies_to",), read.applies_to, kinds)


def _selectors(path: Path, words: Iterable[str], kinds: tuple[SelectorKind, ...] | None = None) -> Iterator[Problem]:
    for place, word in enumerate(words):
        try:
            kind = Selector.parse(word).kind
        except ConfigurationError as error:
            yield (*path, place), error.what, error.mend or ""
            continue
        if kinds and kind not in kinds:
            yield (*path, place), f"{word!r} cannot say whom this layer binds", f"use one of {', '.join(kinds)}"


def _sources(read: PolicyContract) -> Iterator[Problem]:
    if not read.sources and read.layer not in {"floor", "carry-over"}:
        yield ("sources",), "no source is named", "add [[sources]] with document, effective, retrieved and sha256"
    for place, source in enumerate(read.sources):
        unrecorded = source.sha256 == "unrecorded" and read.status == "illustrative-unreviewed"
        if not unrecorded and not re.fullmatch(SHA256, source.sha256):
            mend = "give 64 hexadecimal digits; `unrecorded` is taken in an illustrative contract only"
            yield ("sources", place, "sha256"), "this is not a SHA-256", mend


def _clause(clause: Clause, at: Path) -> Iterator[Problem]:
    if not re.fullmatch(CLAUSE_ID, clause.id):
        yield (*at, "id"), f"{clause.id[:60]!r} is not a clause id", "use letters, digits and . + _ -"
    if not clause.uses:
        yield (*at, "uses"), f"clause {clause.id!r} names no use", "name them, or write * for any"
    if clause.needs and clause.effect == "forbid":
        yield (*at, "needs"), "a forbid asks for no evidence", "put the evidence on an exception"
    if clause.effect == "permit" and clause.confidence == "uncertain":
        yield (*at, "confidence"), "an uncertain reading permits nothing", "leave the permit out"
    yield from patterns((*at, "uses"), clause.uses)
    yield from _conditions((*at, "when"), clause.when, may_name_unstated=clause.effect == "forbid")
    for place, exempt in enumerate(clause.exceptions):
        inner: Path = (*at, "exceptions", place)
        yield from patterns((*inner, "uses"), exempt.uses)
        yield from _conditions((*inner, "when"), exempt.when, may_name_unstated=clause.effect == "permit")
    if any(not exempt.when and not exempt.needs and "*" in exempt.uses for exempt in clause.exceptions):
        yield (*at, "exceptions"), f"clause {clause.id!r} is excepted altogether", "remove the clause or the exception"


def _conditions(path: Path, when: Conditions, *, may_name_unstated: bool) -> Iterator[Problem]:
    for facet, condition in when.items():
        inside = not isinstance(condition, NotIn)
        names = condition.not_in if isinstance(condition, NotIn) else condition
        if not names:
            yield (*path, facet), f"the condition on {facet!r} names no value", "name one, or remove the condition"
        for name in names:
            if name not in FACETS[facet]:
                known = ", ".join(FACETS[facet])
                yield (*path, facet), f"{name[:60]!r} is not a value of {facet!r}", f"use one of {known}"
            elif name == UNSTATED and inside and not may_name_unstated:
                yield (*path, facet), "what is unstated meets no permit and no exception to a forbid", "remove it"


def _order(path: Path, first: date, last: date) -> Iterator[Problem]:
    if last < first:
        yield path, f"it ends on {last} before it begins on {first}", "correct one of the two dates"
