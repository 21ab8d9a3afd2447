"""Rules on messages: their order, what each may hold, and which call a result answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault

from .sources import ISSUES, MODEL, UNREAD

_DOCUMENT_NAME: Final = re.compile(r"[\w()\[\]-]+(?:[ \t][\w()\[\]-]+)*", re.ASCII)
"""With the underscore, which the document does not name: recorded traffic was answered."""
_MOST_IMAGES, _MOST_DOCUMENTS = 20, 5


def _blocks(ask: Ask) -> Iterator[tuple[str, str, JsonObject]]:
    """Path, role and block of every block in a message."""
    for index, message in enumerate(ask.messages):
        for number, block in enumerate(objects_of(message.get("content"))):
            yield f"messages.{index}.content.{number}", text_of(message.get("role")), block


def _sides(ask: Ask) -> Iterator[Fault]:
    for path, role, block in _blocks(ask):
        if role != "user" and not block.keys().isdisjoint({"image", "document"}):
            yield Fault(path, "images and documents are the user's")


def _text_beside(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        blocks = objects_of(message.get("content"))
        if any("document" in block for block in blocks) and not any("text" in block for block in blocks):
            yield Fault(f"messages.{index}", "a document needs a text beside it")


def _document_names(ask: Ask) -> Iterator[Fault]:
    for path, _, block in _blocks(ask):
        name = object_of(block.get("document")).get("name")
        if isinstance(name, str) and not _DOCUMENT_NAME.fullmatch(name):
            yield Fault(f"{path}.document.name", "has letters, digits, single spaces, hyphens and brackets only")


def _names_once(ask: Ask) -> Iterator[Fault]:
    names = [object_of(block["document"]).get("name") for _, _, block in _blocks(ask) if "document" in block]
    if len(names) != len(set(names)):
        yield Fault("messages", "two documents have the same name")


def _counts(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        blocks = objects_of(message.get("content"))
        for kind, most in (("image", _MOST_IMAGES), ("document", _MOST_DOCUMENTS)):
            if sum(kind in block for block in blocks) > most:
                yield Fault(f"messages.{index}", f"at most {most} {kind}s")


def _signatures(ask: Ask) -> Iterator[Fault]:
    issuer = ask.state.issuer
    for path, _, block in _blocks(ask):
        inner = object_of(block.get("reasoningContent"))
        said = object_of(inner.get("reasoningText"))
        signature, hidden = said.get("signature"), inner.get("redactedContent")
        if issuer is None:
            return
        if isinstance(signature, str) and not issuer.has_signed("thinking", text_of(said.get("text")), signature):
            yield Fault(path, "the reasoning was modified, or is another's")
        if isinstance(hidden, str) and not issuer.has_signed("redacted", "", hidden):
            yield Fault(path, "the redacted reasoning is another's")


def _turns(ask: Ask) -> Iterator[Fault]:
    roles = [message.get("role") for message in ask.messages if message.get("role") != "system"]
    if roles and roles[0] != "user":
        yield Fault("messages", "A conversation must start with a user message.")
    for before, after in pairwise(roles):
        if before == after:
            yield Fault("messages", f"two messages of the {after} follow each other")


def _ids(message: JsonObject, kind: str) -> list[Any]:
    inner = [object_of(block.get(kind)) for block in objects_of(message.get("content")) if kind in block]
    return [each.get("toolUseId") for each in inner if each.get("type") in (None, "tool_use")]


def _results(ask: Ask) -> Iterator[Fault]:
    called: list[Any] = []
    for index, message in enumerate(ask.messages):
        if message.get("role") == "user":
            if sorted(map(str, _ids(message, "toolResult"))) != sorted(map(str, called)):
                yield Fault(f"messages.{index}", "toolResult blocks do not match the toolUse blocks of the turn before")
            called = []
        elif message.get("role") == "assistant":
            called = _ids(message, "toolUse")
    if called:
        yield Fault("messages", "toolUse blocks without their results")


def _declared(ask: Ask) -> Iterator[Fault]:
    uses = any(not block.keys().isdisjoint({"toolUse", "toolResult"}) for _, _, block in _blocks(ask))
    if uses and "toolConfig" not in ask.body:
        yield Fault("toolConfig", "must be defined when using toolUse and toolResult content blocks")


def _not_empty(ask: Ask) -> Iterator[Fault]:
    for path, _, block in _blocks(ask):
        if block.get("text") == "":
            yield Fault(f"{path}.text", "must not be empty")


def _rule(name: str, fact: str, check: Any, *, evidence: Any = "S", source: str = MODEL) -> Rule:
    return Rule(name, fact, evidence, source, check, type="ValidationException")


MESSAGE_RULES: Final = (
    _rule("media_sides", "Images and documents stand in the user's messages only.", _sides),
    _rule("text_beside_document", "A document needs a text beside it.", _text_beside),
    _rule("document_names", "Names of documents have few characters.", _document_names),
    _rule("media_counts", "At most 20 images and 5 documents in a message.", _counts),
    _rule("reasoning_unmodified", "Reasoning is returned unmodified.", _signatures),
    _rule("turns", "User and assistant alternate, the user first.", _turns, evidence="T", source=ISSUES),
    _rule("results", "The next message has a result for each call.", _results, evidence="T", source=ISSUES),
    _rule("tools_declared", "Tools stay declared while the history uses them.", _declared, evidence="R", source=UNREAD),
    _rule("names_once", "No two documents have the same name.", _names_once, evidence="R", source=UNREAD),
    _rule("text_not_empty", "Texts are not empty.", _not_empty),
)
