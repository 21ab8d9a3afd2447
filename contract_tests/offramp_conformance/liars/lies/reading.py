"""Lies about what was said: parts of a conversation that never reach the model."""

import html
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from offramp.types import GenerateRequest, Media, Message, Part, Text, ToolResult, changed
from offramp_conformance.liars.lies.lie import everywhere_but, lie
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.config import Dialect

_FEW: Final = 6
"""Messages that a forgetful gateway keeps."""
_SHORT: Final = 1_500
"""Letters of one text that a cutting gateway keeps."""
_MID_SYSTEM: Final[tuple[Dialect, ...]] = ("openai_chat", "openai_responses", "mistral", "ollama_native", "cohere_v2")


def _kept(keep: Callable[[int, Message, int], bool]) -> Twist:
    """Keeps only some messages, judged by place, message and number of messages."""

    def hears(request: GenerateRequest) -> GenerateRequest:
        count = len(request.messages)
        kept = tuple(each for at, each in enumerate(request.messages) if keep(at, each, count))
        return changed(request, messages=kept)

    return Twist(hears=hears)


def _each_part(change: Callable[[Part], Part | None]) -> Twist:
    """Changes each part of each message; None drops it. Parts within tool results are changed, too."""

    def parts(given: tuple[Part, ...]) -> tuple[Part, ...]:
        opened = (replace(each, parts=parts(each.parts)) if isinstance(each, ToolResult) else each for each in given)
        return tuple(made for each in opened if (made := change(each)) is not None)

    def hears(request: GenerateRequest) -> GenerateRequest:
        return changed(request, messages=tuple(changed(each, parts=parts(each.parts)) for each in request.messages))

    return Twist(hears=hears)


def _each_text(change: Callable[[str], str]) -> Twist:
    return _each_part(lambda part: changed(part, text=change(part.text)) if isinstance(part, Text) else part)


SYSTEM_DROPPED = lie(
    "system_dropped",
    "The system prompt never reaches the model.",
    _kept(lambda _, message, __: message.role != "system"),
    "roles.system.obeyed",
)

SYSTEM_FORGOTTEN = lie(
    "system_forgotten",
    "The system prompt reaches the model with the first turn only.",
    _kept(lambda _, message, count: message.role != "system" or count <= 2),
    "roles.system.every_turn",
)


def _first_part(request: GenerateRequest) -> GenerateRequest:
    return changed(
        request,
        messages=tuple(
            changed(each, parts=each.parts[:1]) if each.role == "system" else each for each in request.messages
        ),
    )


SYSTEM_HALVED = lie(
    "system_halved",
    "Only the first part of a system prompt is read.",
    Twist(hears=_first_part),
    "roles.system.whole",
    dialects=("anthropic_messages", "bedrock_converse", "gemini", "openai_chat"),
)

LATER_SYSTEM_DROPPED = lie(
    "later_system_dropped",
    "A system message within a conversation is dropped.",
    _kept(lambda at, message, _: message.role != "system" or at == 0),
    "roles.system.mid_conversation",
    dialects=_MID_SYSTEM,
)

DEVELOPER_DROPPED = lie(
    "developer_dropped",
    "Messages of the developer's are dropped.",
    _kept(lambda _, message, __: message.role != "developer"),
    "roles.developer",
    dialects=("openai_chat", "openai_responses"),
)

ASSISTANT_DROPPED = lie(
    "assistant_dropped",
    "Earlier answers are left out of the conversation.",
    _kept(
        lambda _, message, __: message.role != "assistant" or any(each.type == "tool_call" for each in message.parts)
    ),
    "roles.assistant.read",
)

HISTORY_SHORTENED = lie(
    "history_shortened",
    "Only the last few messages of a conversation are kept.",
    _kept(lambda at, message, count: at >= count - _FEW or message.role == "system"),
    "roles.history",
    is_steady=True,
)


def _reversed(request: GenerateRequest) -> GenerateRequest:
    """All but the last user message, backwards."""
    if len(request.messages) < 4:
        return request
    return changed(request, messages=(*reversed(request.messages[:-1]), request.messages[-1]))


TURNS_REVERSED = lie("turns_reversed", "Turns are read in the reverse order.", Twist(hears=_reversed), "roles.order")

PROMPT_CUT = lie(
    "prompt_cut",
    "Each text is cut after some hundred words, and nobody is told.",
    _each_text(lambda text: text[:_SHORT]),
    "context.needle",
    "context.overfilled",
)

CONTEXT_CUT = lie(
    "context_cut",
    "A long text loses its beginning, and nobody is told.",
    _each_text(lambda text: text[-_SHORT:]),
    "context.needle.beginning",
)

MIDDLE_LOST = lie(
    "middle_lost",
    "A long text loses its middle, and nobody is told.",
    _each_text(lambda text: text if len(text) < _SHORT else text[: _SHORT // 2] + text[-_SHORT // 2 :]),
    "context.needle.middle",
)

ASCII_READ = lie(
    "ascii_read",
    "Letters outside ASCII are replaced on the way to the model.",
    _each_text(lambda text: text.encode("ascii", "replace").decode()),
    "text.unicode",
)

SPACES_COLLAPSED = lie(
    "spaces_collapsed",
    "White space is collapsed on the way to the model.",
    _each_text(lambda text: " ".join(text.split())),
    "text.lines",
)

MARKUP_UNDONE = lie(
    "markup_undone",
    "Escapes in a text are undone on the way to the model, as in HTML.",
    _each_text(html.unescape),
    "text.signs",
)


def _first_texts(request: GenerateRequest) -> GenerateRequest:
    """Of each user message the first and the last text; who joins parts by hand forgets those between."""
    return changed(
        request,
        messages=tuple(
            changed(each, parts=(each.parts[0], *each.parts[-1:]))
            if each.role == "user" and len(each.parts) > 2
            else each
            for each in request.messages
        ),
    )


PARTS_FORGOTTEN = lie(
    "parts_forgotten",
    "Of several parts of a message those in the middle are dropped.",
    Twist(hears=_first_texts),
    "text.parts",
    dialects=everywhere_but("ollama_native"),
)

IMAGES_DROPPED = lie(
    "images_dropped",
    "Images are dropped on the way to the model.",
    _each_part(lambda part: None if isinstance(part, Media) and part.kind == "image" else part),
    "media.image.seen",
    "media.image.with_text",
)


def _first_image(request: GenerateRequest) -> GenerateRequest:
    seen: list[Media] = []

    def keeps(part: Part) -> bool:
        if isinstance(part, Media) and part.kind == "image":
            seen.append(part)
            return len(seen) == 1
        return True

    return changed(
        request,
        messages=tuple(
            changed(each, parts=tuple(part for part in each.parts if keeps(part))) for each in request.messages
        ),
    )


SECOND_IMAGE_DROPPED = lie(
    "second_image_dropped", "Only the first image is looked at.", Twist(hears=_first_image), "media.image.order"
)

DOCUMENTS_DROPPED = lie(
    "documents_dropped",
    "Documents are dropped on the way to the model.",
    _each_part(lambda part: None if isinstance(part, Media) and part.kind == "document" else part),
    "media.document",
    dialects=("anthropic_messages", "bedrock_converse", "gemini", "openai_responses", "openai_chat"),
)
