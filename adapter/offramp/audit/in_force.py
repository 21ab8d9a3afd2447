"""Whether each send was permitted under contracts that were in force at that instant, as far as the log tells of them.

The log tells of each policy file by the digest of its bytes; who has the files can give them, and they are believed
before the log. A decision none of whose files is known is not judged, and is counted.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from offramp.audit.problems import Problem
from offramp.audit.records import Record, identity_of
from offramp.contracts.document_facts import DocumentFacts, facts_from
from offramp.types import Identity, Selector, value

_GRACE: Final = timedelta(seconds=60)
"""A decision is written after it was made: near midnight the day before counts too."""


@value
class _Allow:
    file: str
    line: int
    at: datetime
    identity: Identity
    digests: tuple[str, ...]


class InForce:
    """Takes up what a log tells of policy files and of allows, and judges them at its end."""

    def __init__(self, given: Iterable[DocumentFacts] = ()) -> None:
        """Begin with the files that somebody has given."""
        self._given = {each.sha256: each for each in given}
        self._told: dict[str, DocumentFacts] = {}
        self._allows: list[_Allow] = []
        self.problems: list[Problem] = []
        self.unjudged = 0
        """Allows none of whose files is known."""

    def note(self, file: str, line: int, record: Record) -> None:
        """Take up a record. Raises TypeError, ValueError or AttributeError where it has not the form of its kind."""
        if record.kind == "policy":
            for sha256, word in record.content["detail"].items():
                self._tell(file, line, facts_from(sha256, word))
        elif record.kind == "decision" and record.content.get("allowed") is True:
            identity = identity_of(record.content.get("identity"))
            if identity is not None:
                at, digests = datetime.fromisoformat(record.at), tuple(record.content.get("digests") or ())
                self._allows.append(_Allow(file, line, at, identity, digests))

    def _tell(self, file: str, line: int, facts: DocumentFacts) -> None:
        known = self._given.get(facts.sha256) or self._told.setdefault(facts.sha256, facts)
        if known != facts:
            what = f"what is told of the policy file {facts.sha256[:12]} is not what it says"
            self.problems.append(Problem("not_in_force", file, line=line, what=what))

    def judged(self) -> Iterator[Problem]:
        """The allows that rest on what was not in force, after all records were noted."""
        yield from self.problems
        known = self._told | self._given
        for allow in self._allows:
            facts = [known[digest] for digest in allow.digests if digest in known]
            if not facts:
                self.unjudged += bool(allow.digests)
                continue
            days = {(allow.at - grace).astimezone(UTC).date() for grace in (timedelta(), _GRACE)}
            found = [list(_against(allow, facts, day)) for day in days]
            if len(facts) < len(set(allow.digests)):
                found = [["a policy file that nothing tells of"]]
            if all(found):
                what = f"a send was permitted under {found[0][0]}"
                yield Problem("not_in_force", allow.file, line=allow.line, what=what)


def _against(allow: _Allow, facts: list[DocumentFacts], day: date) -> Iterator[str]:
    """What was not in force that day, and should have been."""
    for layer in ("declaration", "organisation"):
        if not any(each.layer == layer and each.in_force(day) for each in facts):
            yield f"no {layer} in force on {day}"
    binding = _newest([each for each in facts if _binds(each, allow.identity) and each.first <= day])
    agreed = any(each.layer == "agreement" and each.in_force(day) for each in binding)
    for each in binding:
        if not each.in_force(day) and not (each.layer == "vendor" and agreed):
            yield f"a document of layer {each.layer} ({each.sha256[:12]}) that ended on {each.last}"
    if not agreed and not any(each.layer == "vendor" and each.governs and each.in_force(day) for each in binding):
        yield f"no terms of the vendor in force on {day}"


def _binds(facts: DocumentFacts, identity: Identity) -> bool:
    match facts.layer:
        case "floor" | "carry-over":
            return True
        case "channel" | "vendor" | "agreement":
            return any(Selector.parse(word).matches(identity) for word in facts.applies_to)
        case _:
            return False


def _newest(facts: list[DocumentFacts]) -> list[DocumentFacts]:
    """Of several versions of one document the latest holds. Floors and what was carried over hold all."""
    latest: dict[str, date] = {}
    for each in facts:
        latest[each.series] = max(latest.get(each.series, each.first), each.first)
    return [each for each in facts if not each.applies_to or each.first == latest[each.series]]
