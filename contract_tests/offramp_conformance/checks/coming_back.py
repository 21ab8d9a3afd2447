"""Whether a text that a model was asked to repeat came back as it was sent."""

import json
import unicodedata
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Final

from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import say
from offramp_conformance.suite.observations import Observation, broken, held, inexcusable, unclear
from offramp_conformance.suite.subject import Subject

_BASIC_PLANE: Final = 0x10000
"""Code points below it are one unit of UTF-16 each."""
_MOST: Final = 0.5
_ESCAPED: Final = ("&lt;b&gt;", "&quot;", "&amp;amp;", "C:\\\\temp", '\\"quoted', "<b>&</b>", "\\u003c")
_A_RUN: Final = 3
"""Characters from which on they are no chance."""
_TO_RECUR: Final = 3
"""Answers within which a fault that a model may come to has to be seen twice."""


async def sent_and_back(
    subject: Subject, sent: str, judge: Callable[[str, str], Observation], *, room: int, streams: bool = False
) -> Observation:
    """How a text comes back, for a check that one try refutes. What a model may come to by itself has to recur.

    Args:
        subject: whom to ask.
        sent: what is to be repeated.
        judge: says of what was sent and what came whether it is unharmed.
        room: tokens of an answer.
        streams: whether to read the answer as it arrives.
    """
    asks = subject.stream if streams else subject.ask
    first: Observation | None = None
    for _ in range(_TO_RECUR):
        answer = (await asks(say(sent), max_output_tokens=room_for(subject, room))).answer
        seen = judge(sent, answer.text)
        if first is None and (seen.sight != "broken" or not seen.excusable):
            return seen
        if first is not None and seen.sight == "broken":
            return first
        first = first or seen
    return unclear("the text came back otherwise once, and not again")


def came_back(sent: str, text: str) -> Observation:
    """Whether signs are there as they were sent. Without any trace of them the model did not repeat them at all.

    What happened to all of them is no model's doing, and inexcusable. A model may leave one out, or make up half of
    one.
    """
    got, wanted = unicodedata.normalize("NFC", text), unicodedata.normalize("NFC", sent)
    if wanted in got:
        return held()
    if "\ufffd" in got and _resembles(got, wanted):
        return broken("a sign could not be decoded on the way")
    for harm, trace in _traces_of_harm(wanted):
        if trace and trace in got:
            return inexcusable(harm)
    for loss, trace in _traces_of_loss(wanted):
        if trace and trace in got:
            return broken(loss)
    return unclear("the model did not repeat the text, so that nothing can be told")


def _resembles(got: str, wanted: str) -> bool:
    """Whether most signs are there: a model may make up one that cannot be decoded, but not the others as well."""
    left, sent = got.replace("\ufffd", ""), "".join(each for each in wanted if ord(each) < _BASIC_PLANE)
    pairs = ((got, wanted), (left, sent))
    return max(SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in pairs) > _MOST


def _traces_of_harm(sent: str) -> Iterable[tuple[str, str]]:
    """What a text looks like after a known accident, and the accident's name."""
    squeezed = sent.encode("ascii", "ignore").decode()
    yield "UTF-8 was read as Latin-1", sent.encode().decode("latin-1")
    yield "letters came back as escapes", sent.encode("ascii", "backslashreplace").decode()
    yield "letters came back as escapes", json.dumps(sent)[1:-1]
    yield "letters came back as question marks", sent.encode("ascii", "replace").decode()
    yield "letters outside ASCII are missing", squeezed if any(map(str.isalnum, squeezed)) else ""


def _traces_of_loss(sent: str) -> Iterable[tuple[str, str]]:
    """What a text looks like of which some signs are lost, and what those are."""
    beyond = "".join(each for each in sent if ord(each) < _BASIC_PLANE)
    yield "signs beyond the basic plane are missing", beyond if beyond != sent and beyond.strip(" \u200d\ufe0f") else ""
    yield "what joins signs is missing", sent.replace("\u200d", "").replace("\ufe0f", "")


def signs_came_back(sent: str, text: str) -> Observation:
    """Whether signs of ASCII are there as they were sent, and not escaped or unescaped.

    Where most of the text is not there, the model did not repeat it, and an escape is its own.
    """
    if sent in text:
        return held()
    runs = SequenceMatcher(None, sent, text, autojunk=False).get_matching_blocks()
    repeated = sum(run.size for run in runs if run.size >= _A_RUN) / len(sent)
    if repeated > _MOST and any(each in text for each in _ESCAPED):
        return broken("signs came back escaped, or escapes came back undone")
    return unclear("the model did not repeat the text, so that nothing can be told")
