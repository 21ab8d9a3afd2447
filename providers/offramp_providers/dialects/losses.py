"""The closed vocabulary of losses: what each code means, and how much it matters."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from offramp.types import Loss, LossAction, RoutingField, Severity, Unknown, VendorTool

_COSMETIC, _BEHAVIOURAL, _MATERIAL = Severity.COSMETIC, Severity.BEHAVIOURAL, Severity.MATERIAL

LOSSES: Final[Mapping[str, tuple[LossAction, Severity, str]]] = {
    # code: (what is done, how much it matters, why)
    "vendor_field": ("dropped", _BEHAVIOURAL, "a field of another vendor has no counterpart here"),
    "vendor_header": ("dropped", _BEHAVIOURAL, "a header of another vendor has no counterpart here"),
    "vendor_tool": ("dropped", _MATERIAL, "a tool that exists at another vendor only"),
    "routing_field": ("dropped", _MATERIAL, "a field that decides who sees the data belongs to another vendor"),
    "unknown_part": ("dropped", _MATERIAL, "a block type that has no name here"),
    "setting.unsupported": ("dropped", _BEHAVIOURAL, "the dialect has no such setting"),
    "setting.clamped": ("clamped", _BEHAVIOURAL, "the value lies outside of the dialect's range"),
    "max_output_tokens.injected": (
        "injected",
        _COSMETIC,
        "the dialect requires a bound; the profile's default was taken",
    ),
    "output.name.injected": ("injected", _COSMETIC, "the dialect requires a name for the schema"),
    "reasoning.foreign": ("dropped", _BEHAVIOURAL, "another issuer's reasoning is not sent"),
    "reasoning.unsigned": ("dropped", _BEHAVIOURAL, "reasoning without its issuer's signature is not accepted"),
    "opaque.foreign": ("dropped", _BEHAVIOURAL, "opaque state never leaves its issuer"),
    "cache": ("dropped", _COSMETIC, "the dialect has no cache marks"),
    "citations": ("dropped", _BEHAVIOURAL, "the dialect's messages carry no citations"),
    "part_order": ("moved", _BEHAVIOURAL, "the dialect fixes the order of a message's parts"),
    "role.moved": ("moved", _BEHAVIOURAL, "the dialect has another place for this role"),
    "role.rewritten": ("rewritten", _BEHAVIOURAL, "the dialect has no such role"),
    "message.dropped": ("dropped", _MATERIAL, "nothing of the message can be said here"),
    "message.merged": ("rewritten", _COSMETIC, "neighbours of one role are joined"),
    "media.unsupported": ("dropped", _MATERIAL, "the dialect takes no such media here"),
    "media.moved": ("moved", _BEHAVIOURAL, "the dialect takes media elsewhere only"),
    "media.detail": ("dropped", _BEHAVIOURAL, "the dialect has no level of detail"),
    "media.kind": ("rewritten", _COSMETIC, "the dialect tells the kind by the media type"),
    "media.name": ("dropped", _COSMETIC, "the dialect has no name for media"),
    "file.foreign": ("dropped", _MATERIAL, "a file stored at another vendor cannot be read here"),
    "refusal.rewritten": ("rewritten", _BEHAVIOURAL, "the dialect has no part for a refusal; it is sent as text"),
    "refusal.category": ("dropped", _COSMETIC, "the dialect does not name a refusal's category"),
    "arguments.respelled": ("rewritten", _COSMETIC, "arguments are an object here; white space and order may differ"),
    "arguments.rewritten": ("rewritten", _BEHAVIOURAL, "arguments that are no JSON object are wrapped in one"),
    "arguments.injected": ("injected", _COSMETIC, "the dialect requires arguments"),
    "tool_result.status": ("rewritten", _BEHAVIOURAL, "the dialect has no such mark; the text says it"),
    "tool_result.injected": ("injected", _BEHAVIOURAL, "the dialect requires a result for every call"),
    "schema.keyword": (
        "rewritten",
        _BEHAVIOURAL,
        "a keyword that the vendor refuses is left out; Offramp checks it itself",
    ),
    "schema.nullable": (
        "rewritten",
        _COSMETIC,
        "optional properties are required here and may be null, and defaults are left out; Offramp takes the nulls out",
    ),
    "schema.injected": ("injected", _COSMETIC, "the dialect requires this of every schema"),
    "output.schema": ("dropped", _MATERIAL, "the vendor cannot hold an answer to such a schema"),
    "output.name": ("dropped", _COSMETIC, "the dialect has no name for the schema"),
    "output.description": ("moved", _COSMETIC, "the description stands in the schema itself"),
    "tools.injected": (
        "injected",
        _BEHAVIOURAL,
        "the dialect requires tools to stay declared while calls are in sight",
    ),
    "tool_choice.emulated": (
        "emulated",
        _BEHAVIOURAL,
        "the dialect has no such choice among tools; only those are declared that it leaves",
    ),
    "tool_choice.injected": ("injected", _COSMETIC, "the dialect says this inside of a tool choice only"),
    "served_model": ("dropped", _COSMETIC, "the dialect does not say which model has answered"),
    "tool_result.orphan": ("dropped", _MATERIAL, "the dialect takes no result without a call right before it"),
    "call_id.rewritten": ("rewritten", _COSMETIC, "the id has characters that the dialect refuses"),
    "reasoning.effort": ("rewritten", _BEHAVIOURAL, "the nearest level of effort that the model has was taken"),
    "reasoning.budget": ("rewritten", _BEHAVIOURAL, "the model takes no fixed budget and decides for itself"),
    "media_type": ("dropped", _COSMETIC, "the dialect names no media type for such a source"),
    "media_type.injected": ("injected", _COSMETIC, "the dialect requires a media type; the bytes told it"),
    "response_id": ("dropped", _COSMETIC, "the dialect gives answers no id"),
    "response_id.injected": ("injected", _COSMETIC, "the dialect requires an id"),
    "text.empty": ("dropped", _COSMETIC, "the dialect takes no empty text"),
    "message.empty": ("dropped", _COSMETIC, "the dialect takes no message without content"),
    "part.misplaced": ("dropped", _MATERIAL, "the dialect takes no such part from this role"),
    "text.injected": ("injected", _COSMETIC, "the dialect requires content"),
    "name": ("dropped", _BEHAVIOURAL, "the dialect has no participant names"),
    "alternatives": ("dropped", _MATERIAL, "the dialect carries one answer only"),
    "outcome.rewritten": ("rewritten", _BEHAVIOURAL, "the dialect has no word for this outcome"),
    "usage": ("dropped", _COSMETIC, "the dialect does not report this count"),
    "text.joined": ("rewritten", _COSMETIC, "the dialect has one text here; neighbouring texts are joined"),
    "media.rewritten": ("rewritten", _BEHAVIOURAL, "the document's text is sent as plain text"),
    "media_name.rewritten": ("rewritten", _COSMETIC, "the name has characters that the dialect refuses, or is taken"),
    "media_name.injected": ("injected", _COSMETIC, "the dialect requires a file name"),
    "schema.strict": (
        "rewritten",
        _BEHAVIOURAL,
        "the vendor cannot enforce this schema; it is sent without, and Offramp checks it itself",
    ),
    "output.name.rewritten": ("rewritten", _COSMETIC, "the name has characters that the dialect refuses"),
    "tools.withheld": ("dropped", _BEHAVIOURAL, "the dialect cannot forbid calls, so that no tool is offered"),
    "envelope.injected": ("injected", _COSMETIC, "the dialect requires a field that the answer does not have"),
    "compaction": ("dropped", _MATERIAL, "the dialect has no compaction"),
    "signature.injected": ("injected", _BEHAVIOURAL, "the dialect requires a signature; its stand-in was taken"),
    "model_fact": ("dropped", _COSMETIC, "the dialect's list does not tell this of a model"),
    "prefix.injected": (
        "injected",
        _BEHAVIOURAL,
        "a last message is taken as the answer's beginning only",
    ),
    "status": ("dropped", _COSMETIC, "the dialect does not mark an unfinished message"),
    "engine.unsaid": ("dropped", _MATERIAL, "the engine would leave it out, or say something else"),
    "engine.injected": ("injected", _MATERIAL, "the engine would say what nobody has asked for"),
}
"""The closed vocabulary of losses, with the one owner of each severity. `lose` may raise a severity, never lower it."""


_WHATEVER: Final = object()
"""Any value."""

_CONSTRAINTS: Final = (
    # Dialect, field, value: without it, an answer could come that the caller has ruled out.
    ("cohere_v2", "safety_mode", "STRICT"),
    ("mistral", "safe_prompt", True),
    ("mistral", "guardrails", _WHATEVER),
)


def is_constraint(dialect: str, key: str, content: object) -> bool:
    return any(
        (whose, field) == (dialect, key) and value in (_WHATEVER, content) for whose, field, value in _CONSTRAINTS
    )


def loss_at(code: str, path: str, *, node: object = None, severity: Severity | None = None) -> Loss:
    """A loss whose path is known, as in a stream, where no root value stands.

    Args:
        code: a key of `LOSSES`.
        path: where, seen from the value as a whole.
        node: what is lost; where only its vendor has a word for it, the loss tells that word.
        severity: where this case is worse than the code's own.
    """
    return _made(code, path, _vendors_word(node), severity)


@lru_cache(maxsize=1024)
def _made(code: str, path: str, word: str, severity: Severity | None) -> Loss:
    """Most calls lose the same thing as the call before."""
    action, usual, why = LOSSES[code]
    return Loss(code=code, path=path, action=action, severity=max(usual, severity or usual), why=why + word)


_WORD: Final = re.compile(r"[A-Za-z][\w.:-]{0,63}", re.ASCII)
"""What a name on a wire looks like. Anything else could be what somebody said, which no loss quotes."""


def _vendors_word(node: object) -> str:
    match node:
        case Unknown(vendor_type=word, dialect=dialect) | VendorTool(vendor_type=word, dialect=dialect):
            pass
        case RoutingField(name=word, dialect=dialect):
            pass
        case _:
            return ""
    return f": `{word}` of {dialect}" if word and _WORD.fullmatch(word) else f": one of {dialect} without a name"
