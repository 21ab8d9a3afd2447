"""Lies of speech: what a model said does not arrive as it said it."""

from collections.abc import Callable
from random import Random
from typing import Final

from offramp.types import GenerateRequest, changed
from offramp_conformance.liars.lies.lie import everywhere_but, lie
from offramp_conformance.liars.mind.turn import Turn
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.answers import Answer, Denial, Saying, Thought

_NO_CHANCE: Final = Random(0)  # noqa: S311  # nothing is left to it
_SORRY: Final = "I'm sorry, but I can't help with that."
_ADVERT: Final = "\n\n---\nSupport us: visit our shop for more!"
_KEY: Final = 40
"""Letters by which a careless store tells prompts apart."""


def _each_text(change: Callable[[str], str]) -> Twist:
    def says(answer: Answer, _: GenerateRequest) -> Answer:
        parts = tuple(Saying(change(each.text)) if isinstance(each, Saying) else each for each in answer.parts)
        return changed(answer, parts=parts)

    return Twist(says=says)


EMPTY = lie(
    "empty",
    "The answer is empty and called complete.",
    _each_text(lambda _: ""),
    "text.answers",
)

SORRY = lie(
    "sorry",
    "Every plain wish is answered with an apology.",
    _each_text(lambda text: text if text[:1].isdigit() else _SORRY),
    "text.follows",
)

MOJIBAKE = lie(
    "mojibake",
    "Letters outside ASCII are decoded in the wrong way.",
    _each_text(lambda text: text.encode().decode("latin-1")),
    "text.unicode",
)

JOINERS_DROPPED = lie(
    "joiners_dropped",
    "What joins several signs to one is dropped.",
    _each_text(lambda text: text.replace("\u200d", "").replace("\ufe0f", "")),
    "text.emoji",
)

TEMPLATE_LEAKED = lie(
    "template_leaked",
    "Marks of the model's template stand in its answers.",
    _each_text(lambda text: f"{text}<|im_end|>"),
    "text.markers",
)

LINES_JOINED = lie(
    "lines_joined",
    "The lines of an answer are joined to one.",
    _each_text(lambda text: " ".join(text.split())),
    "text.lines",
)

HTML_ESCAPED = lie(
    "html_escaped",
    "Signs of an answer are escaped as in HTML.",
    _each_text(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")),
    "text.signs",
)

ADVERT = lie(
    "advert",
    "Each answer ends with an advertisement.",
    _each_text(lambda text: text + _ADVERT),
    "structured",
)

LOOPING = lie(
    "looping",
    "The model repeats itself, as one that was quantised too far does.",
    _each_text(lambda text: " ".join(word for each in text.split(" ") for word in (each, each))),
    "text.lines",
    "structured",
)


def _echo(answer: Answer, request: GenerateRequest) -> Answer:
    wish = Turn(request, _NO_CHANCE).wish
    parts = tuple(Saying(f"{wish}\n{each.text}") if isinstance(each, Saying) else each for each in answer.parts)
    return changed(answer, parts=parts)


ECHOING = lie("echoing", "Each answer begins with the question.", Twist(says=_echo), "text.echo")


def _disguised(answer: Answer, _: GenerateRequest) -> Answer:
    if answer.ending not in ("refusal", "filter"):
        return answer
    parts = tuple(Saying(each.text) if isinstance(each, Denial) else each for each in answer.parts)
    return changed(answer, parts=parts, ending="end")


REFUSAL_DISGUISED = lie(
    "refusal_disguised",
    "A refusal looks like any other answer.",
    Twist(says=_disguised),
    "refusal.told",
    dialects=("anthropic_messages", "openai_chat", "openai_responses", "gemini"),
)


def _leaked(answer: Answer, _: GenerateRequest) -> Answer:
    said = next((each for each in answer.parts if isinstance(each, Saying)), None)
    if said is None:
        return answer
    thoughts = " ".join(each.text for each in answer.parts if isinstance(each, Thought)) or "The user wants something."
    leaked = Saying(f"<think>\n{thoughts}\n</think>\n\n{said.text}")
    return changed(answer, parts=tuple(leaked if each is said else each for each in answer.parts))


THINKING_LEAKED = lie(
    "thinking_leaked",
    "What the model thinks stands in the text of its answer.",
    Twist(says=_leaked),
    "reasoning.apart",
    dialects=everywhere_but("openai_chat"),
)


def _from_store() -> Twist:
    """Answers what was answered to a prompt that begins alike."""
    store: dict[str, Answer] = {}

    def says(answer: Answer, request: GenerateRequest) -> Answer:
        wish = Turn(request, _NO_CHANCE).wish
        return store.setdefault(wish[:_KEY], answer) if len(wish) > _KEY else answer

    return Twist(says=says)


STALE = lie(
    "stale",
    "Answers come from a store in which prompts that begin alike are one.",
    _from_store,
    "text.follows",
)
