"""Hypothesis strategies for conversations that a mission really has: every call answered, the user first and last."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from offramp.types import (
    Cache,
    DataSource,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Logprobs,
    Media,
    Message,
    Opaque,
    Origin,
    Part,
    Reasoning,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
    RedactedReasoning,
    Refusal,
    SchemaOutput,
    Text,
    TextOutput,
    TextSource,
    ToolCall,
    ToolChoice,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    ToolResult,
    UrlSource,
)

WORDS: Final = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    str.strip
)
PNG: Final = "iVBORw0KGgoAAAANSUhEUg=="
PDF: Final = "JVBERi0x"
NAMES: Final = ("look", "measure", "report")

ARGUMENTS: Final = st.sampled_from(
    ["{}", '{"a":1}', '{ "a": [1, {"b": null}] }', '{"é":"ü"}', "", None, "[1]", '{"a":']
)

MEDIA: Final[st.SearchStrategy[Part]] = st.sampled_from(
    [
        Media(DataSource(PNG), kind="image", media_type="image/png"),
        Media(DataSource(PNG), kind="image", detail="high"),
        Media(UrlSource("https://a.example/b.png"), kind="image", name="b"),
        Media(DataSource(PDF), kind="document", media_type="application/pdf", name="c.pdf"),
        Media(UrlSource("https://a.example/c.pdf"), kind="document"),
        Media(TextSource("plain"), kind="document", media_type="text/plain"),
        Media(DataSource("AAAA"), kind="audio", media_type="audio/wav"),
    ]
).map(replace)  # a value of its own at each place, so that a loss names one place
CACHES: Final = st.sampled_from([None, None, Cache(), Cache(300), Cache(3600), Cache(60)])
TEXTS: Final[st.SearchStrategy[Part]] = st.builds(Text, WORDS, cache=CACHES)


def thoughts(origin: Origin) -> st.SearchStrategy[Part]:
    """Reasoning as its vendor gives it: signed, hidden, or bare."""
    signed = st.builds(lambda text: Reasoning(text, opaque=(Opaque("signature", "c2ln"),)), WORDS)
    hidden = st.builds(RedactedReasoning, opaque=st.just((Opaque("redacted_data", "ZGF0YQ=="),)))
    return signed | hidden | st.builds(Reasoning, WORDS)


@st.composite
def turns(draw: st.DrawFn, number: int, origins: Sequence[Origin]) -> tuple[Message, ...]:
    """What the user says, and what the assistant answers, with its calls and their results."""
    said = draw(st.lists(TEXTS | MEDIA, min_size=1, max_size=3))
    origin = draw(st.sampled_from([None, *origins]))
    calls = draw(st.lists(st.tuples(st.sampled_from(NAMES), ARGUMENTS), max_size=3))
    parts: list[Part] = draw(st.lists(TEXTS | thoughts(origins[0]) | st.builds(Refusal, WORDS), max_size=3))
    ids = [draw(st.sampled_from([f"call_{number}_{each}", f"f.x:{number}{each}"])) for each in range(len(calls))]
    parts += [ToolCall(call_id, name, text) for call_id, (name, text) in zip(ids, calls, strict=True)]
    parts = draw(st.permutations(parts)) or [Text("ok")]
    answered = (Message("user", tuple(said)), Message("assistant", tuple(parts), origin=origin))
    if not ids:
        return answered
    order = [part.call_id for part in parts if isinstance(part, ToolCall)]
    return (*answered, Message("tool", tuple(draw(results(call_id)) for call_id in order)))


@st.composite
def results(draw: st.DrawFn, call_id: str) -> ToolResult:
    """A result of one call."""
    parts = draw(st.lists(TEXTS | MEDIA, max_size=2))
    status = draw(st.sampled_from(["ok", "ok", "error", "denied", "interrupted"]))
    return ToolResult(call_id, tuple(parts), status=status)


SCHEMAS: Final = st.sampled_from(
    [
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False},
        {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string", "format": "email"}, {"type": "null"}]}}},
    ]
)
TOOLS: Final = st.builds(
    lambda strict, description, schema: tuple(
        FunctionTool(name, strict=strict, description=description, schema=schema) for name in NAMES
    ),
    st.sampled_from([None, True, False]),
    st.none() | WORDS,
    SCHEMAS | st.none(),
)
CHOICES: Final[st.SearchStrategy[ToolChoice | None]] = st.sampled_from(
    [None, ToolChoiceAuto(), ToolChoiceAny(), ToolChoiceNone(), ToolChoiceNamed("look")]
)
MODES: Final[st.SearchStrategy[ReasoningMode | None]] = st.sampled_from(
    [None, ReasoningOff(), ReasoningAdaptive(), ReasoningAdaptive(display="summarized"), ReasoningBudget(2000)]
)
REASONING: Final = st.none() | st.builds(
    ReasoningSettings, mode=MODES, effort=st.sampled_from([None, "none", "minimal", "low", "high", "max"])
)
OUTPUTS: Final = (
    st.none()
    | st.sampled_from([TextOutput(), JsonOutput()])
    | st.builds(
        SchemaOutput,
        SCHEMAS,
        name=st.sampled_from([None, "answer", "an answer"]),
        description=st.none() | WORDS,
        strict=st.sampled_from([None, True, False]),
    )
)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nothing, mostly."""
    return st.none() | st.none() | strategy


@st.composite
def requests(draw: st.DrawFn, origins: Sequence[Origin]) -> GenerateRequest:
    """A request over a conversation in which every call is answered, with any settings.

    Args:
        draw: hypothesis.
        origins: who may have written the assistant's turns; the first may be the target itself.
    """
    before = draw(
        st.lists(
            st.builds(Message, st.sampled_from(["system", "developer"]), st.just((Text("Be brief."),))), max_size=2
        )
    )
    talk = [each for number in range(draw(st.integers(0, 3))) for each in draw(turns(number, origins))]
    if talk and draw(st.booleans()):
        talk.insert(draw(st.integers(1, len(talk))), Message("system", (Text("Now in French."),)))
        talk = _apart(talk)
    last = Message("user", tuple(draw(st.lists(TEXTS | MEDIA, min_size=1, max_size=2))))
    return GenerateRequest(
        (*before, *talk, last),
        tools=draw(st.just(()) | TOOLS),
        tool_choice=draw(CHOICES),
        parallel_tool_calls=draw(optional(st.booleans())),
        output=draw(OUTPUTS),
        reasoning=draw(REASONING),
        max_output_tokens=draw(st.sampled_from([None, 100, 4000])),
        temperature=draw(optional(st.floats(0, 2))),
        top_p=draw(optional(st.floats(0, 1))),
        top_k=draw(optional(st.integers(1, 50))),
        seed=draw(optional(st.integers(0, 9))),
        frequency_penalty=draw(optional(st.floats(-2, 2))),
        presence_penalty=draw(optional(st.floats(-2, 2))),
        stop=draw(optional(st.lists(st.sampled_from(["END", "a", " ", "\n"]), max_size=5).map(tuple))),
        logprobs=draw(optional(st.builds(Logprobs, top=st.sampled_from([None, 0, 5, 30])))),
        candidates=draw(optional(st.integers(1, 3))),
        stream=draw(optional(st.booleans())),
        service_tier=draw(optional(st.sampled_from(["auto", "standard_only", "flex"]))),
        end_user=draw(optional(WORDS)),
        metadata=draw(optional(st.dictionaries(st.sampled_from("ab"), WORDS, max_size=2))),
        store=draw(optional(st.booleans())),
        cache=draw(CACHES),
    )


def _apart(talk: list[Message]) -> list[Message]:
    """Keep a system message from coming between calls and their results."""
    for position, message in enumerate(talk[:-1]):
        if message.role == "system" and talk[position + 1].role == "tool":
            talk[position], talk[position + 1] = talk[position + 1], talk[position]
    return talk
