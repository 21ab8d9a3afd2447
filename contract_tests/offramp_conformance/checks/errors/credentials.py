"""Keys that are wrong or missing."""

from typing import Final

from offramp.errors import ProviderErrorKind
from offramp_conformance.checks.errors.provoking import told_as
from offramp_conformance.checks.prompts import say
from offramp_conformance.checks.wire_events import require_wire
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, broken, held, unclear
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tampering import other_key

_WRONG: Final = "offramp-conformance-wrong-key"
_UNKNOWN_TO_IT: Final = (ProviderErrorKind.AUTHENTICATION, ProviderErrorKind.PERMISSION)


def _refused(subject: Subject, made: Exchanged, fault: str) -> Observation:
    if made.error is None and subject.endpoint.profile.auth == "bearer-optional":
        return unclear("it answers, as a server does whose operator has set no key")
    return told_as(made, _UNKNOWN_TO_IT, fault)


@check(
    "errors.wrong_key",
    level="SHOULD",
    axis="wire",
    proves="A wrong key is refused as one.",
    look_at="Whether the host looks at keys at all, and the status and code of its error.",
    tries=1,
)
async def wrong_key(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=other_key(_WRONG), max_output_tokens=32)
    return _refused(subject, made, "a wrong key")


@check(
    "errors.no_key",
    level="SHOULD",
    axis="wire",
    proves="A request without a key is refused for that.",
    look_at="Whether the host looks at keys at all, and the status and code of its error.",
    tries=1,
)
async def no_key(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=other_key(None), max_output_tokens=32)
    return _refused(subject, made, "a request without a key")


@check(
    "errors.key_not_quoted",
    level="SHOULD",
    axis="wire",
    proves="The refusal of a key does not quote it.",
    look_at="The text of the error: it ends up in logs.",
    tries=1,
)
async def key_not_quoted(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=other_key(_WRONG), max_output_tokens=32)
    require_wire(made)
    return broken("the refused key stands in the error") if _WRONG.encode() in made.wire.received else held()
