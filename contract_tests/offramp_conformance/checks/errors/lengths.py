"""A prompt that is longer than the context."""

from typing import Final

from offramp.errors import ProviderErrorKind
from offramp.types import OutcomeKind
from offramp_conformance.checks.errors.provoking import told_as
from offramp_conformance.checks.filler import filler
from offramp_conformance.checks.prompts import say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Unaskable, held
from offramp_conformance.suite.subject import Subject

_K = ProviderErrorKind
_TOKENS_A_WORD: Final = 1.1
_LARGEST_CONTEXT: Final = 400_000
"""Tokens. A prompt for a larger one would be too large a request to make for this."""


async def _too_long(subject: Subject) -> Exchanged:
    """Asks with a prompt that is longer than the context is stated to be.

    Raises:
        Unaskable: it is not stated, or too large for this.
    """
    stated = subject.options.get("context_tokens")
    if stated is None:
        offered = subject.endpoint.offered("context_tokens")
        stated = offered and offered[0]
    if stated is None:
        raise Unaskable("nobody states how large its context is")
    if stated > _LARGEST_CONTEXT:
        raise Unaskable(f"a prompt for more than {_LARGEST_CONTEXT} tokens is too large for this")
    words = int(stated * _TOKENS_A_WORD)
    return await subject.ask(f"{filler(subject.random(), words)} {say('yes')}", max_output_tokens=32)


def _is_told(made: Exchanged) -> bool:
    return made.response is not None and made.response.outcome.kind is OutcomeKind.CONTEXT_EXCEEDED


@check(
    "errors.too_long.refused",
    level="SHOULD",
    axis="behaviour",
    proves="A prompt longer than the context is refused, and never cut without a word.",
    look_at="A host that truncates: its answers rest on a part of the prompt only.",
    tries=1,
)
async def too_long_refused(subject: Subject) -> Observation:
    made = await _too_long(subject)
    if _is_told(made):
        return held()
    kinds = (_K.CONTEXT_EXCEEDED, _K.TOO_LARGE, _K.INVALID_REQUEST)
    return told_as(made, kinds, "a prompt longer than the stated context")


@check(
    "errors.too_long.told",
    level="MAY",
    axis="wire",
    proves="A prompt longer than the context is told as that.",
    look_at="The code of the error: only this kind is mended by a shorter conversation.",
    tries=1,
)
async def too_long_told(subject: Subject) -> Observation:
    made = await _too_long(subject)
    if _is_told(made):
        return held()
    return told_as(made, (_K.CONTEXT_EXCEEDED, _K.TOO_LARGE), "a prompt longer than the context")
