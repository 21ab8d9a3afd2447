"""What tools gave back: that it is taken, read, and kept with its call."""

from typing import Final

from offramp.types import (
    Message,
    Text,
    ToolResult,
    user,
)
from offramp_conformance.checks.drawing import COLOUR_NAMES, filled_image
from offramp_conformance.checks.filler import filler
from offramp_conformance.checks.prompts import COLOURS, RECALL, RECALL_ALL, call_tool, code_word, result_of, say
from offramp_conformance.checks.toolbox import (
    BELL,
    LISTEN,
    LOOK,
    after,
    arguments_of,
    both_tools,
    calls_of,
    picked,
    result,
    some_calls,
)
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator.json_values import object_of

_LONG_RESULT_WORDS: Final = 400
_BOTH: Final = both_tools()


@check(
    "tools.ids.turns",
    level="MUST",
    axis="wire",
    proves="Calls of two turns have ids of their own, so that a history can hold both.",
    look_at="Ids that begin anew with each answer.",
    verifies="tools",
    calls=2,
)
async def ids_over_turns(subject: Subject) -> Observation:
    asked = [user(call_tool("look", place="harbour"))]
    first = (await subject.ask(asked, tools=(LOOK,))).answer
    calls = some_calls(first)
    told = after(asked, first, *(result(call, "Nothing there.") for call in calls))
    second = (await subject.ask([*told, user(call_tool("look", place="airport"))], tools=(LOOK,))).answer
    again = some_calls(second)
    expect(
        {each.call_id for each in calls}.isdisjoint(each.call_id for each in again),
        "an id of an earlier turn came again",
    )
    return held()


@check(
    "tools.results.used",
    level="MUST",
    axis="behaviour",
    proves="What a tool gave back is read.",
    look_at="Whether the results reach the model, under the id of their call.",
    verifies="tools",
    trust="most",
    share=0.6,
    calls=2,
)
async def results_used(subject: Subject) -> Observation:
    word = subject.word()
    asked = [user(call_tool("look", place="harbour"))]
    answer = (await subject.ask(asked, tools=(LOOK,))).answer
    told = after(asked, answer, *(result(call, code_word(word)) for call in some_calls(answer)))
    final = (await subject.ask([*told, user(RECALL)], tools=(LOOK,))).answer
    return held() if word.lower() in final.text.lower() else broken("what the tool gave back was not read")


@check(
    "tools.results.order",
    level="MUST",
    axis="behaviour",
    proves="Results belong to their calls by id, whatever their order.",
    look_at="Whether results are matched by position.",
    verifies="tools.parallel",
    trust="most",
    share=0.6,
    calls=2,
)
async def results_out_of_order(subject: Subject) -> Observation:
    words = {"look": subject.word("look"), "listen": subject.word("listen")}
    asked = [user(_BOTH)]
    answer = (await subject.ask(asked, tools=(LOOK, LISTEN))).answer
    made = some_calls(answer, 2)
    results = [result(call, words.get(call.name, "Nothing.")) for call in reversed(made)]
    told = after(asked, answer, *results)
    right, wrong = subject.random("asked for").sample(sorted(words), 2)
    final = (await subject.ask([*told, user(result_of(right, place="harbour"))], tools=(LOOK, LISTEN))).answer
    return picked(final.text, words[right], words[wrong], "the results of two calls were mixed up")


@check(
    "tools.results.all",
    level="MUST",
    axis="behaviour",
    proves="Of several results each is read.",
    look_at="Whether results of one turn are put into the history all together, or only the first or last of them.",
    verifies="tools.parallel",
    trust="most",
    share=0.6,
    calls=2,
)
async def results_all(subject: Subject) -> Observation:
    words = [subject.word(name) for name in ("look", "listen")]
    asked = [user(_BOTH)]
    answer = (await subject.ask(asked, tools=(LOOK, LISTEN))).answer
    made = some_calls(answer, 2)
    told = after(asked, answer, *(result(call, code_word(word)) for call, word in zip(made, words, strict=False)))
    said = (await subject.ask([*told, user(RECALL_ALL)], tools=(LOOK, LISTEN))).answer.text.lower()
    read = [word.lower() in said for word in words]
    if not any(read):
        return unclear("neither result is in the answer")
    return held() if all(read) else broken("of two results only one was read")


@check(
    "tools.results.same_name",
    level="MUST",
    axis="behaviour",
    proves="Results of two calls of the same tool are told apart.",
    look_at="Whether results are matched by the tool's name.",
    verifies="tools.parallel",
    trust="most",
    share=0.6,
    calls=2,
)
async def results_of_same_name(subject: Subject) -> Observation:
    words = {"harbour": subject.word("harbour"), "airport": subject.word("airport")}
    asked = [user("\n".join(call_tool("look", place=place) for place in words))]
    answer = (await subject.ask(asked, tools=(LOOK,))).answer
    made = some_calls(answer, 2)
    results = [result(call, words.get(str(object_of(arguments_of(call)).get("place")), "Nothing.")) for call in made]
    told = after(asked, answer, *results)
    right, wrong = subject.random("asked for").sample(sorted(words), 2)
    final = (await subject.ask([*told, user(result_of("look", place=right))], tools=(LOOK,))).answer
    return picked(final.text, words[right], words[wrong], "the results of two calls of one tool were mixed up")


@check(
    "tools.results.long",
    level="SHOULD",
    axis="behaviour",
    proves="The end of a long result is read.",
    look_at="A component that cuts what tools give back.",
    verifies="tools",
    trust="most",
    share=0.6,
    calls=2,
)
async def result_long(subject: Subject) -> Observation:
    word = subject.word()
    asked = [user(call_tool("look", place="harbour"))]
    answer = (await subject.ask(asked, tools=(LOOK,))).answer
    found = f"{filler(subject.random('found'), _LONG_RESULT_WORDS)} {code_word(word)}"
    told = after(asked, answer, *(result(call, found) for call in some_calls(answer)))
    final = (await subject.ask([*told, user(RECALL)], tools=(LOOK,))).answer
    return held() if word.lower() in final.text.lower() else broken("the end of a long result was not read")


@check(
    "tools.results.empty",
    level="SHOULD",
    axis="wire",
    proves="A result without content is taken.",
    look_at="Whether the vendor demands that a result has text.",
    verifies="tools",
    calls=2,
)
async def result_empty(subject: Subject) -> Observation:
    asked = [user(call_tool("ring_bell"))]
    answer = (await subject.ask(asked, tools=(BELL,))).answer
    told = after(asked, answer, *(ToolResult(call.call_id, (Text(""),)) for call in some_calls(answer)))
    final = (await subject.ask([*told, user(say(subject.word()))], tools=(BELL,))).answer
    expect(final.text or calls_of(final), "there is no answer after an empty result")
    return held()


@check(
    "tools.results.image",
    level="MUST",
    axis="behaviour",
    proves="An image in a tool's result is seen.",
    look_at="Where the image of a result is put for this vendor.",
    verifies="tools.results.images",
    trust="most",
    share=0.6,
    calls=2,
)
async def result_image(subject: Subject) -> Observation:
    colour = subject.random("colour").choice(COLOUR_NAMES)
    asked = [user(call_tool("look", place="harbour"))]
    answer = (await subject.ask(asked, tools=(LOOK,))).answer
    told = after(asked, answer, *(result(call, filled_image(colour)) for call in some_calls(answer)))
    final = (await subject.ask([*told, user(COLOURS)], tools=(LOOK,))).answer
    return held() if colour in final.text.lower() else broken("the image in a result was not seen")


@check(
    "tools.rounds",
    level="MUST",
    axis="behaviour",
    proves="Three rounds of calls and results make one conversation.",
    look_at="How earlier calls and results are put into the history.",
    verifies="tools",
    trust="most",
    share=0.6,
    calls=4,
)
async def rounds(subject: Subject) -> Observation:
    messages: list[Message] = []
    word = subject.word()
    for number, place in enumerate(("harbour", "airport", "depot")):
        messages.append(user(call_tool("look", place=place)))
        answer = (await subject.ask(messages, tools=(LOOK,))).answer
        said = code_word(word) if number == 0 else "Nothing there."
        messages = after(messages, answer, *(result(call, said) for call in some_calls(answer)))
    final = (await subject.ask([*messages, user(RECALL)], tools=(LOOK,))).answer
    return held() if word.lower() in final.text.lower() else broken("a result of the first round is forgotten")
