"""Rules on contents: roles, parts, which call a response answers, and whose signatures are taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_list, object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault

from .shapes_of_parts import KINDS
from .sources import FAQ, SDK, STAND_IN, UNREAD, model_and_method, signs_calls


def contents_of(body: JsonObject) -> list[JsonObject]:
    """The turns of the conversation."""
    return objects_of(body.get("contents"))


def parts_of(content: JsonObject) -> list[JsonObject]:
    """The parts of a turn."""
    return objects_of(content.get("parts"))


def called(content: JsonObject) -> list[JsonObject]:
    """The function calls of a turn."""
    return [object_of(part["functionCall"]) for part in parts_of(content) if "functionCall" in part]


def answered(content: JsonObject) -> list[JsonObject]:
    """The function responses of a turn."""
    return [object_of(part["functionResponse"]) for part in parts_of(content) if "functionResponse" in part]


def is_model(content: JsonObject) -> bool:
    """Whether the model says it; a missing role is the user's."""
    return content.get("role") == "model"


def _parts(ask: Ask) -> Iterator[tuple[str, JsonObject]]:
    for index, content in enumerate(contents_of(ask.body)):
        for place, part in enumerate(parts_of(content)):
            yield f"contents[{index}].parts[{place}]", part


def _roles(ask: Ask) -> Iterator[Fault]:
    for index, content in enumerate(contents_of(ask.body)):
        if content.get("role", "user") not in ("user", "model"):
            yield Fault(f"contents[{index}].role", "must be user or model")


def _one_kind(ask: Ask) -> Iterator[Fault]:
    for path, part in _parts(ask):
        if sum(kind in part for kind in KINDS) != 1 and not _is_mark(part):
            yield Fault(path, "must have exactly one kind")


def _is_mark(part: JsonObject) -> bool:
    """A signature may stand alone, as it came."""
    return "thoughtSignature" in part and not any(kind in part for kind in KINDS)


def _responses_follow(ask: Ask) -> Iterator[Fault]:
    """Every call is answered in the turn right after it, and nothing else is."""
    before: JsonObject = {}
    for index, content in enumerate([*contents_of(ask.body), {}]):
        calls, answers = (called(before) if is_model(before) else []), answered(content)
        if is_model(content) and answers:
            yield Fault(f"contents[{index}]", "function responses are the user's")
        elif len(calls) != len(answers):
            yield Fault(f"contents[{index}]", "there must be as many function responses as calls in the turn before")
        before = content


def _responses_match(ask: Ask) -> Iterator[Fault]:
    """By id where there is one, else by order and name."""
    before: JsonObject = {}
    for index, content in enumerate(contents_of(ask.body)):
        for call, answer in zip(called(before), answered(content), strict=False):
            given = [one.get("id") for one in called(before)]
            if answer.get("id") is not None and answer["id"] not in given:
                yield Fault(f"contents[{index}]", f"{answer['id']} answers no call")
            elif answer.get("id") is None and answer.get("name") != call.get("name"):
                yield Fault(f"contents[{index}]", f"{answer.get('name')} answers no call")
        before = content


def _signed(ask: Ask) -> Iterator[Fault]:
    """In the current turn, the first call of each step carries a signature."""
    asked = model_and_method(ask.headers.get(":path", ""))
    if not signs_calls(asked[0] if asked else ask.model):
        return
    for content in reversed(contents_of(ask.body)):
        if not is_model(content) and not answered(content):
            return
        first = next((part for part in parts_of(content) if "functionCall" in part), None)
        if is_model(content) and first is not None and not first.get("thoughtSignature"):
            name = text_of(object_of(first["functionCall"]).get("name"))
            yield Fault("", f"function call {name} is missing a thought_signature")


def _own_signatures(ask: Ask) -> Iterator[Fault]:
    for path, part in _parts(ask):
        signature = text_of(part.get("thoughtSignature"))
        if not signature or signature == STAND_IN or ask.state.issuer is None:
            continue
        if not ask.state.issuer.has_signed("thought", signed_words(part), signature):
            yield Fault(f"{path}.thought_signature", "is corrupted")


def signed_words(part: JsonObject) -> str:
    """What a signature is for: the function that is called, or nothing but its place."""
    return text_of(object_of(part.get("functionCall")).get("name"))


def _last_is_user(ask: Ask) -> Iterator[Fault]:
    found: Any = ask.body.get("contents")
    if is_list(found) and found and is_model(object_of(found[-1])):
        yield Fault("contents", "must end with a turn of the user's")


_INVALID: Final = "INVALID_ARGUMENT"

CONTENT_RULES: Final = (
    Rule("roles", "Roles are user and model.", "S", SDK, _roles, type=_INVALID),
    Rule("one_kind", "A part has exactly one kind.", "S", SDK, _one_kind, type=_INVALID),
    Rule("responses_follow", "Responses stand right after their calls.", "R", UNREAD, _responses_follow, type=_INVALID),
    Rule("responses_match", "A response names its call.", "R", UNREAD, _responses_match, type=_INVALID),
    Rule("signed_calls", "The first call of a step is signed.", "T", FAQ, _signed, type=_INVALID),
    Rule("own_signatures", "Signatures are its own.", "T", FAQ, _own_signatures, type=_INVALID),
    Rule("user_last", "The last turn is the user's.", "R", UNREAD, _last_is_user, type=_INVALID),
)
