"""Other legal manners of speaking: at length, in few words, aloud before calls, within little room."""

from offramp.types import GenerateRequest, JsonOutput, ReasoningOff, SchemaOutput, changed
from offramp_conformance.liars.apt import Means
from offramp_conformance.liars.mind.limits import within
from offramp_conformance.liars.twists import Twist
from offramp_conformance.liars.variants.variant import Variant
from offramp_providers.emulator.answers import Answer, Call, Part, Saying, Thought
from offramp_providers.emulator.wire import Writing


def _chatty(answer: Answer, request: GenerateRequest) -> Answer:
    if isinstance(request.output, SchemaOutput | JsonOutput) or answer.ending in ("max", "stop", "refusal", "filter"):
        return answer
    parts = tuple(
        Saying(f"Sure! Here is what you asked for:\n\n{each.text}\n\nLet me know if I can help with anything else!")
        if isinstance(each, Saying)
        else each
        for each in answer.parts
    )
    return within(changed(answer, parts=parts), request)


CHATTY = Variant("chatty", "Every text has a friendly word before and after it.", Twist(says=_chatty))


def _terse(answer: Answer, _: GenerateRequest) -> Answer:
    """Long texts are given up after a dozen words; short ones lose their last full stop."""
    parts = tuple(_shortened(each) if isinstance(each, Saying) else each for each in answer.parts)
    return changed(answer, parts=parts) if answer.ending == "end" else answer


def _shortened(said: Saying) -> Saying:
    words = said.text.split(" ")
    is_prose = len(words) > 200 and not said.text.lstrip().startswith(("{", "["))
    return Saying(" ".join(words[:12])) if is_prose else Saying(said.text.removesuffix("."))


TERSE = Variant("terse", "It says as little as it can.", Twist(says=_terse))


def _announced(answer: Answer, _: GenerateRequest) -> Answer:
    if answer.ending != "calls":
        return answer
    first = next(at for at, each in enumerate(answer.parts) if isinstance(each, Call))
    said: Part = Saying("Let me look that up for you.")
    return changed(answer, parts=(*answer.parts[:first], said, *answer.parts[first:]))


ANNOUNCED_CALLS = Variant("announced_calls", "It says a sentence before it calls a tool.", Twist(says=_announced))


def _pondering(answer: Answer, request: GenerateRequest) -> Answer:
    is_off = request.reasoning is not None and isinstance(request.reasoning.mode, ReasoningOff)
    if is_off or any(isinstance(each, Thought) for each in answer.parts) or answer.ending in ("max", "stop"):
        return answer
    thought = Thought("Let me consider this with care.")
    return within(changed(answer, parts=(thought, *answer.parts)), request)


PONDERING = Variant(
    "pondering",
    "It thinks before each answer, though nobody asked it to, unless it was told not to.",
    Twist(says=_pondering),
    dialects=("openai_responses", "ollama_native", "cohere_v2", "mistral", "gemini"),
)

SMALL = Variant(
    "small",
    "It reads few tokens, and says so.",
    means=Means(context_tokens=4_096),
    offers={"context_tokens": 4_096, "max_output_tokens": 2_048},
)


def _dated(writing: Writing) -> Writing:
    return changed(writing, fate=changed(writing.fate, served_model=f"{writing.reading.model}-2025-04-14"))


DATED_MODEL = Variant(
    "dated_model",
    "The model says its full name, with the date of its release.",
    Twist(writes=_dated),
    dialects=("openai_chat",),
)
