"""Rules by which an emulated vendor refuses a request; each names its fact, its evidence and the vendor's error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from offramp.types._value import JsonObject, value

from .json_values import objects_of, text_of
from .shapes import Fault
from .signatures import Issuer

Evidence: TypeAlias = Literal["S", "D", "T", "R"]
"""S: specification or official SDK read · D: vendor's documentation read · T: third party · R: recalled."""


@value
class ValidatorState:
    """What the vendor knows beside the request."""

    key: str | None = None
    """The one key that opens; None accepts any key that is given."""
    issuer: Issuer | None = None
    """Whose signatures are genuine; None leaves signatures unverified."""
    models: frozenset[str] = frozenset()
    """Models that exist; empty for all."""
    also_recalled: bool = False
    """Whether rules with evidence T or R are enforced too."""


@value
class Ask:
    """What a rule looks at."""

    body: JsonObject
    headers: Mapping[str, str]
    """Names in lower case."""
    state: ValidatorState

    @property
    def model(self) -> str:
        """The model asked for; empty where none is named."""
        return text_of(self.body.get("model"))

    @property
    def messages(self) -> list[JsonObject]:
        """The messages that are objects."""
        return objects_of(self.body.get("messages"))


@value
class Rule:
    """One reason for which the vendor refuses."""

    id: str
    fact: str
    """The fact it rests on, in a sentence."""
    evidence: Evidence
    source: str
    """Document and date."""
    check: Callable[[Ask], Iterator[Fault]]
    status: int = 400
    type: str = "invalid_request_error"
    code: str | None = None
    """The vendor's code beside the type, where it has one."""

    @property
    def is_recalled(self) -> bool:
        """Whether nobody read it at the vendor: not enforced by default."""
        return self.evidence in ("T", "R")


@value
class Rejection:
    """The vendor refuses: one rule, in the vendor's own words for errors."""

    rule: str
    status: int
    type: str
    message: str
    param: str | None = None
    code: str | None = None


def first_rejection(rules: Sequence[Rule], ask: Ask) -> Rejection | None:
    """Try the rules in order; the first fault decides."""
    for rule in rules:
        if rule.is_recalled and not ask.state.also_recalled:
            continue
        fault = next(rule.check(ask), None)
        if fault is not None:
            message = f"{fault.param}: {fault.message}" if fault.param else fault.message
            return Rejection(rule.id, rule.status, rule.type, message, fault.param or None, rule.code)
    return None


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers under their names in lower case."""
    return {name.lower(): content for name, content in headers.items()}


def within(key: str, low: float, high: float) -> Callable[[Ask], Iterator[Fault]]:
    """Refuse a top-level number outside a closed range."""

    def check(ask: Ask) -> Iterator[Fault]:
        found = ask.body.get(key)
        if isinstance(found, int | float) and not low <= found <= high:
            yield Fault(key, f"must be between {low:g} and {high:g}")

    return check
