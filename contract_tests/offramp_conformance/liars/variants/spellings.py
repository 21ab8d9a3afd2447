"""Other legal spellings: the order of keys, white space, escapes, ids, names of headers, fields that nobody knows."""

import json
import uuid
from collections.abc import Callable
from random import Random
from typing import Any, Final

from offramp.types import JsonObject, changed, value
from offramp_conformance.liars.streams import edited
from offramp_conformance.liars.twists import Twist, in_the_words_of
from offramp_conformance.liars.variants.variant import Variant
from offramp_providers.emulator.answers import Answer, Call
from offramp_providers.emulator.json_values import is_list, is_object
from offramp_providers.emulator.wire import Reply, WireEvent, Writing

_FRESH: Final = {"x_build": "2026.11", "x_hints": [1, 2, {"deep": None}]}
"""Fields of tomorrow. A client passes over what it does not know."""


def _everywhere(edit: Callable[[JsonObject], JsonObject]) -> Twist:
    """Changes the object of a whole answer and of each event."""

    def sends(events: list[WireEvent]) -> list[WireEvent]:
        return [edited(each, edit) for each in events]

    return Twist(puts=edit, sends=sends)


def _reversed(held: Any) -> Any:
    if is_object(held):
        return {key: _reversed(held[key]) for key in reversed(list(held))}
    return [_reversed(each) for each in held] if is_list(held) else held


KEYS_REVERSED = Variant(
    "keys_reversed", "The keys of every object come in the reverse order; JSON gives them none.", _everywhere(_reversed)
)

FRESH_FIELDS = Variant(
    "fresh_fields",
    "Answers and events have fields that nobody knows yet.",
    _everywhere(lambda data: {**data, **_FRESH}),
)


def _pretty(reply: Reply) -> Reply:
    try:
        content = json.dumps(json.loads(reply.content), indent=2, ensure_ascii=True)
    except ValueError:
        return reply
    return changed(reply, content=content.encode())


PRETTY = Variant("pretty", "Whole answers have white space and escapes wherever JSON lets them.", Twist(leaves=_pretty))

LOUD_HEADERS = Variant(
    "loud_headers",
    "The names of headers are in capitals; HTTP makes no difference.",
    Twist(leaves=lambda reply: changed(reply, headers={name.upper(): held for name, held in reply.headers.items()})),
)


@value
class _UuidWriting(Writing):
    """Ids are UUIDs, whatever the vendor's usual form is."""

    def id(self, prefix: str, purpose: str = "", *, size: int = 24) -> str:
        rng: Random = self.chance(f"{prefix}{purpose}{size}")
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _with_uuids(writing: Writing) -> Writing:
    return in_the_words_of(_UuidWriting, writing)


UUIDS = Variant(
    "uuids",
    "Ids of answers and calls are UUIDs; they are opaque.",
    Twist(writes=_with_uuids),
    # This vendor takes back only ids of its own form.
    dialects=(
        *("anthropic_messages", "bedrock_converse", "openai_chat", "openai_responses"),
        *("gemini", "ollama_native", "cohere_v2"),
    ),
)


@value
class _SpacedCall(Call):
    """Arguments with white space, in the reverse order of keys."""

    @property
    def arguments_json(self) -> str:
        return json.dumps(_reversed(self.arguments), indent=2, ensure_ascii=True)


def _spaced(answer: Answer, _: object) -> Answer:
    parts = tuple(_SpacedCall(each.name, each.arguments) if isinstance(each, Call) else each for each in answer.parts)
    return changed(answer, parts=parts)


SPACED_ARGUMENTS = Variant(
    "spaced_arguments", "Arguments of calls have white space, escapes and another order of keys.", Twist(says=_spaced)
)
