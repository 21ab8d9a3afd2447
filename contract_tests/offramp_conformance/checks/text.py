"""Text goes in and comes out as it is."""

from typing import Final

from offramp.types import OutcomeKind, ToolCall, user
from offramp_conformance.checks.coming_back import came_back, sent_and_back, signs_came_back
from offramp_conformance.checks.probing import (
    NOT_AN_ANSWER,
    room_for,
    says,
    unless_it_follows,
    unless_it_recalls,
    unless_it_speaks,
)
from offramp_conformance.checks.prompts import RECALL_ALL, code_word, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject

_BEYOND_ASCII: Final = "Zürich, 東京, 🚁, Kraków, שלום, नमस्ते"
_JOINED_EMOJI: Final = "👩‍🚀 🇺🇦 👍🏽 ❤️"
"""Each is several code points that make one sign."""
_SIGNS: Final = 'C:\\temp\\new "quoted" <b>&amp;</b> {"a": [1, 2]} 100% $5 ~ `x`'
_LINES: Final = "first:\n    second\n\tthird\n\nfourth"
_MARKERS: Final = (
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"),
    *("<|assistant|>", "<|user|>", "<|system|>", "<|end|>", "[INST]", "[/INST]", "<<SYS>>", "<start_of_turn>"),
    *("<end_of_turn>", "<|return|>", "<|channel|>", "<|message|>"),
)
"""By which the templates of well-known models divide turns."""


@check(
    "text.answers",
    level="MUST",
    axis="wire",
    proves="A plain question gets an answer with text in it.",
    look_at="The response body: where the text stands; whether the body holds an error in place of an answer.",
    verifies="text",
    trust="most",
    share=0.6,
    controls=8,
)
async def answers(subject: Subject) -> Observation:
    answer = (await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer
    if answer.outcome.kind in NOT_AN_ANSWER:
        return unclear(f"the model would not answer: {answer.outcome.kind}")
    return held() if answer.text.strip() else await unless_it_speaks(subject, answer)


@check(
    "text.outcome",
    level="MUST",
    axis="wire",
    proves="An answer says why it ended, in a word that is known.",
    look_at="The stop reason, and whether the body is of the dialect at all.",
    verifies="text",
)
async def outcome(subject: Subject) -> Observation:
    answer = (await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer
    kind = answer.outcome.kind
    expect(kind is not OutcomeKind.ERROR, "an answer with a good status says that it failed")
    expect(kind is not OutcomeKind.UNKNOWN, "it does not say why the answer ended, or in a word that is not known")
    if kind is OutcomeKind.TOOL_CALLS:
        expect(any(isinstance(each, ToolCall) for each in answer.message.parts), "it tells of a call that is not there")
        return unclear("the model calls a tool where none was offered")
    return held()


@check(
    "text.follows",
    level="MUST",
    axis="behaviour",
    proves="The answer holds the word that was asked for.",
    look_at="Whether the prompt reaches the model as it was sent.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def follows(subject: Subject) -> Observation:
    word = subject.word()
    answer = (await subject.ask(say(word), max_output_tokens=room_for(subject, 100))).answer
    if says(answer, word):
        return held()
    return await unless_it_follows(subject, "the word that was asked for is not in the answer")


@check(
    "text.unicode",
    level="MUST",
    axis="behaviour",
    proves="Letters outside ASCII come back unharmed.",
    look_at="The encoding of the request and the response; a gateway that rewrites JSON.",
    verifies="text",
    controls=2,
)
async def unicode(subject: Subject) -> Observation:
    return await sent_and_back(subject, _BEYOND_ASCII, came_back, room=200)


@check(
    "text.emoji",
    level="SHOULD",
    axis="behaviour",
    proves="Signs of several code points come back whole.",
    look_at="A component that cuts text by UTF-16 units or by code points.",
    verifies="text",
    trust="most",
    share=0.6,
)
async def emoji(subject: Subject) -> Observation:
    answer = (await subject.ask(say(_JOINED_EMOJI), max_output_tokens=room_for(subject, 200))).answer
    return came_back(_JOINED_EMOJI, answer.text)


@check(
    "text.signs",
    level="MUST",
    axis="behaviour",
    proves="Quotes, backslashes, angle brackets and braces come back as they were sent.",
    look_at="A component that escapes for HTML, JSON or a shell, once too often.",
    verifies="text",
    controls=2,
)
async def signs(subject: Subject) -> Observation:
    return await sent_and_back(subject, _SIGNS, signs_came_back, room=200)


@check(
    "text.lines",
    level="SHOULD",
    axis="behaviour",
    proves="Line breaks, tabs and indents come back as they were sent.",
    look_at="A component that folds white space.",
    verifies="text",
    trust="most",
    share=0.6,
)
async def lines(subject: Subject) -> Observation:
    text = (await subject.ask(say(_LINES), max_output_tokens=room_for(subject, 100))).answer.text
    if _LINES in text.replace("\r\n", "\n"):
        return held()
    if " ".join(_LINES.split()) in " ".join(text.split()):
        return broken("the words are there, and the white space between them is another")
    return unclear("the model did not repeat the text, so that nothing can be told")


@check(
    "text.parts",
    level="MUST",
    axis="behaviour",
    proves="Each of several text parts of one message is read.",
    look_at="How a message with several parts is written, and whether a host reads only the first or the last.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=2,
)
async def parts(subject: Subject) -> Observation:
    words = [subject.word(f"part {place}") for place in range(3)]
    asked = user(*[f"{code_word(word)} " for word in words], RECALL_ALL)
    answer = (await subject.ask(asked, max_output_tokens=room_for(subject, 100))).answer
    missing = sum(not says(answer, word) for word in words)
    if not missing:
        return held()
    return await unless_it_recalls(subject, f"{missing} of {len(words)} parts of a message were not read")


@check(
    "text.markers",
    level="SHOULD",
    axis="behaviour",
    proves="No marks of the model's own template stand in an answer.",
    look_at="The chat template, and the tokens at which the server stops.",
    verifies="text",
    trust="most",
    share=0.6,
    controls=2,
)
async def markers(subject: Subject) -> Observation:
    text = (await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer.text
    found = [each for each in _MARKERS if each in text]
    return await unless_it_follows(subject, f"the answer holds the mark {found[0]}") if found else held()


@check(
    "text.echo",
    level="SHOULD",
    axis="behaviour",
    proves="An answer does not begin with the question.",
    look_at="Whether a host completes the prompt instead of answering it.",
    verifies="text",
    trust="most",
    share=0.6,
    controls=2,
)
async def echo(subject: Subject) -> Observation:
    word = subject.word()
    question = say(word)
    text = (await subject.ask(question, max_output_tokens=room_for(subject, 100))).answer.text.strip()
    if not text.startswith(question[:40]):
        return held()
    if word in text.removeprefix(question):
        return broken("the answer repeats the question itself")
    return await unless_it_follows(subject, "the answer repeats the question itself")
