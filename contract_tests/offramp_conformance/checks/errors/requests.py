"""Requests that are at fault: bad JSON, wrong types, unknown names, and more than fits."""

from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import JsonObject, SchemaOutput
from offramp_conformance.checks.errors.provoking import told_as
from offramp_conformance.checks.json_walk import objects_in
from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Unaskable, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tampering import broken_json, edited_body, other_path
from offramp_providers.emulator.json_values import is_object, text_of
from offramp_providers.wire_json import decode_json, dump_json

_K = ProviderErrorKind
_AT_FAULT: Final = (_K.INVALID_REQUEST,)
_OF_THE_MOMENT: Final = frozenset({_K.RATE_LIMITED, _K.OVERLOADED, _K.QUOTA_EXHAUSTED, _K.CONTENT_FILTER})
_CONVERSATION: Final = ("messages", "contents", "input")
"""Under which of these a dialect keeps it."""
_MARK: Final = "offramp_property"


def _conversation(body: JsonObject) -> str:
    for key in _CONVERSATION:
        if key in body:
            return key
    raise Unaskable("its dialect keeps the conversation under a name that is not known here")


def _mistyped(body: JsonObject) -> None:
    body[_conversation(body)] = 7


def _emptied(body: JsonObject) -> None:
    del body[_conversation(body)]


@check(
    "errors.bad_json",
    level="MUST",
    axis="wire",
    proves="A body that is no JSON is refused as the caller's fault.",
    look_at="The status: a failure of the server would be tried again for nothing.",
    tries=1,
)
async def bad_json(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=broken_json, max_output_tokens=32)
    return told_as(made, _AT_FAULT, "a body that is no JSON")


@check(
    "errors.wrong_type",
    level="MUST",
    axis="wire",
    proves="A field of the wrong type is refused as the caller's fault.",
    look_at="The status: a failure of the server would be tried again for nothing.",
    tries=1,
)
async def wrong_type(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=edited_body(_mistyped), max_output_tokens=32)
    return told_as(made, _AT_FAULT, "a number in place of the conversation")


@check(
    "errors.missing_field",
    level="MUST",
    axis="wire",
    proves="A request without its conversation is never a failure of the server.",
    look_at="The status: a failure of the server would be tried again for nothing.",
    tries=1,
)
async def missing_field(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=edited_body(_emptied), max_output_tokens=32)
    if made.error is None:
        return held("it is answered, as some do that take a prompt from elsewhere")
    return told_as(made, _AT_FAULT, "a request without a conversation")


@check(
    "errors.streamed",
    level="MUST",
    axis="wire",
    proves="A fault in a request for a stream is told as it is without streaming.",
    look_at="Whether the error comes as a status, or within a stream that seems to begin well.",
    needs=("streaming",),
    tries=1,
)
async def streamed(subject: Subject) -> Observation:
    made = await subject.stream(say("yes"), tamper=edited_body(_mistyped), max_output_tokens=32)
    return told_as(made, _AT_FAULT, "a number in place of the conversation, in a request for a stream,")


@check(
    "errors.unknown_path",
    level="SHOULD",
    axis="wire",
    proves="A path that there is not is told as that.",
    look_at="A host that answers every path, or a sign-in page in its place.",
    tries=1,
)
async def unknown_path(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=other_path, max_output_tokens=32)
    kinds = (*_AT_FAULT, _K.MODEL_NOT_FOUND, _K.PERMISSION, _K.AUTHENTICATION)
    return told_as(made, kinds, "a path that there is not")


@check(
    "errors.unknown_field",
    level="MAY",
    axis="wire",
    proves="A field that is not known is refused or passed over, and is never a failure of the server.",
    look_at="How a setting of a later version would be taken: refused, or dropped without a word.",
    tries=1,
)
async def unknown_field(subject: Subject) -> Observation:
    def add(body: JsonObject) -> None:
        body["offramp_no_such_field"] = True

    made = await subject.ask(say("yes"), tamper=edited_body(add), max_output_tokens=room_for(subject, 32))
    if made.error is None:
        return held("a field that is not known is passed over without a word")
    return told_as(made, _AT_FAULT, "a field that is not known")


@check(
    "errors.bad_schema",
    level="SHOULD",
    axis="wire",
    proves="A schema that is none is refused as the caller's fault.",
    look_at="Whether the host reads the schema at all.",
    verifies="structured_output",
    tries=1,
)
async def bad_schema(subject: Subject) -> Observation:
    schema = {"type": "object", "properties": {_MARK: {"type": "string"}}, "required": [_MARK]}
    output = SchemaOutput({**schema, "additionalProperties": False}, name="answer", strict=True)

    def spoil(body: JsonObject) -> None:
        if not _spoilt(body):
            raise Unaskable("its dialect keeps the schema in a place that is not known here")

    made = await subject.ask(
        say("yes"), tamper=edited_body(spoil), output=output, max_output_tokens=room_for(subject, 200)
    )
    return told_as(made, _AT_FAULT, "a schema with a type that there is not")


def _spoilt(body: JsonObject) -> bool:
    """Whether the schema was found and spoilt, be it an object or JSON in a text."""
    for each in objects_in(body):
        if is_object(each.get(_MARK)):
            each[_MARK]["type"] = "no-such-type"
            return True
        if any(_spoilt_text(each, key) for key in each):
            return True
    return False


def _spoilt_text(holder: JsonObject, key: str) -> bool:
    text = text_of(holder[key])
    if _MARK not in text or not text.startswith("{"):
        return False
    schema = decode_json(text.encode())
    found = _spoilt(schema)
    holder[key] = dump_json(schema).decode()
    return found


@check(
    "errors.in_its_dialect",
    level="SHOULD",
    axis="wire",
    proves="An error says in JSON what is wrong.",
    look_at="A gateway on the way that answers with a page or a plain text.",
    tries=1,
)
async def in_its_dialect(subject: Subject) -> Observation:
    made = await subject.ask(say("yes"), tamper=edited_body(_mistyped), max_output_tokens=32)
    match made.error:
        case ProviderError(answered_by="vendor", body=body, status=int()):
            expect(isinstance(body, dict | list), "the error is no JSON")
            return held()
        case ProviderError(answered_by=whose, status=int()):
            return broken(f"not the vendor but a {whose} tells of the error")
        case _:
            return unclear("there was no error with a status")


@check(
    "errors.recovers",
    level="MUST",
    axis="behaviour",
    proves="After a request that was refused the next one is answered.",
    look_at="A connection or a session that an error spoils.",
    tries=1,
    calls=2,
)
async def recovers(subject: Subject) -> Observation:
    refused = await subject.ask(say("yes"), tamper=edited_body(_mistyped), max_output_tokens=32)
    if refused.error is None:
        return unclear("the request was not refused")
    made = await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 60))
    if made.error is None:
        return held()
    if isinstance(made.error, ProviderError) and made.error.kind in _OF_THE_MOMENT:
        return unclear(f"the next request was not answered for another reason: {made.error.kind}")
    return broken("a plain request after one that was refused fails")
