"""Who said what, and when: system prompts, developer's messages, and the order of a conversation."""

from offramp.types import Message, Text, assistant, system, user
from offramp_conformance.checks.probing import (
    recalled,
    require_said,
    room_for,
    says,
    told_in_turn,
    unless_it_mixes_up,
    unless_it_recalls,
)
from offramp_conformance.checks.prompts import RECALL, RECALL_ALL, RECALL_FIRST, RECALL_LAST, code_word
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, held, unclear
from offramp_conformance.suite.subject import Subject

_LONG_CONVERSATION = 12


@check(
    "roles.system.obeyed",
    level="MUST",
    axis="behaviour",
    proves="What the system prompt says is known when the user asks.",
    look_at="Where the system prompt stands on the wire, and whether the model's template has a place for it.",
    verifies="system",
    trust="most",
    share=0.6,
    calls=2,
)
async def system_obeyed(subject: Subject) -> Observation:
    word = subject.word()
    if says(await recalled(subject, (system(code_word(word)), user(RECALL))), word):
        return held()
    return await unless_it_recalls(subject, "what the system prompt says is not known to the model")


@check(
    "roles.system.whole",
    level="MUST",
    axis="behaviour",
    proves="Every part of a system prompt is read.",
    look_at="Whether a host keeps only the first or the last block of a system prompt.",
    verifies="system",
    trust="most",
    share=0.6,
    calls=2,
)
async def system_whole(subject: Subject) -> Observation:
    words = [subject.word(f"part {place}") for place in range(2)]
    prompt = Message("system", tuple(Text(f"{code_word(word)}\n") for word in words))
    answer = await recalled(subject, (prompt, user(RECALL_ALL)))
    if all(says(answer, word) for word in words):
        return held()
    return await unless_it_recalls(subject, "a part of the system prompt is not known to the model")


@check(
    "roles.system.every_turn",
    level="MUST",
    axis="behaviour",
    proves="The system prompt still holds after several turns.",
    look_at="Whether a host sends the system prompt with the first turn only.",
    verifies="system",
    trust="most",
    share=0.6,
    calls=2,
)
async def system_every_turn(subject: Subject) -> Observation:
    word = subject.word()
    small_talk = (user("Good morning."), assistant("Good morning."), user("How are you?"), assistant("Fine, thanks."))
    if says(await recalled(subject, (system(code_word(word)), *small_talk, user(RECALL))), word):
        return held()
    return await unless_it_recalls(subject, "the system prompt is forgotten after two turns")


@check(
    "roles.system.mid_conversation",
    level="MUST",
    axis="behaviour",
    proves="A system message within a conversation is read, and comes after what stands before it.",
    look_at="Whether a host moves later system messages to the front, or drops them.",
    verifies="system.mid_conversation",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def system_mid_conversation(subject: Subject) -> Observation:
    earlier, later = subject.word("earlier"), subject.word("later")
    given = (
        *(user(code_word(earlier)), assistant("Noted.")),
        *(system(code_word(later)), user(RECALL_LAST)),
    )
    require_said(subject, given)
    answer = await recalled(subject, given)
    if says(answer, later):
        return held()
    if says(answer, earlier):
        otherwise = "a system message within the conversation is not read, or is read too early"
        return await unless_it_mixes_up(subject, 2, otherwise)
    return await unless_it_recalls(subject, "a system message within the conversation is not read")


@check(
    "roles.developer",
    level="MUST",
    axis="behaviour",
    proves="A message of the developer's is read.",
    look_at="Whether the host takes the role, or needs it as a system message.",
    verifies="system.developer",
    trust="most",
    share=0.6,
    calls=2,
)
async def developer(subject: Subject) -> Observation:
    word = subject.word()
    given = (Message("developer", (Text(code_word(word)),)), user(RECALL))
    require_said(subject, given)
    if says(await recalled(subject, given), word):
        return held()
    return await unless_it_recalls(subject, "a message of the developer's is not read")


@check(
    "roles.order",
    level="MUST",
    axis="behaviour",
    proves="Turns are read in their order.",
    look_at="How a history is written; a component that sorts or reverses it.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=3,
    controls=1,
)
async def order(subject: Subject) -> Observation:
    first, middle, last = (subject.word(name) for name in ("first", "middle", "last"))
    asked_first = await recalled(subject, told_in_turn((first, middle, last), RECALL_FIRST))
    asked_last = await recalled(subject, told_in_turn((first, middle, last), RECALL_LAST))
    if says(asked_first, first) and says(asked_last, last):
        return held()
    if says(asked_first, last) and says(asked_last, first):
        otherwise = "the first turn is taken for the last one, and the last for the first"
    elif says(asked_first, middle) or says(asked_last, middle):
        otherwise = "a turn in the middle is taken for the first or the last one"
    else:
        otherwise = "the first or the last turn is not known to the model"
    return await unless_it_mixes_up(subject, 3, otherwise)


@check(
    "roles.assistant.read",
    level="MUST",
    axis="behaviour",
    proves="Earlier answers are read as well.",
    look_at="Whether a host drops the assistant's turns.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=2,
)
async def assistant_read(subject: Subject) -> Observation:
    word = subject.word()
    given = (user("Choose a code word and tell it to me."), assistant(code_word(word)), user(RECALL))
    if says(await recalled(subject, given), word):
        return held()
    return await unless_it_recalls(subject, "what the model had said earlier is not known to it")


@check(
    "roles.history",
    level="MUST",
    axis="behaviour",
    proves="The first turn of a longer conversation is still known.",
    look_at="A component that keeps only the last few turns.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=3,
    controls=1,
)
async def history(subject: Subject) -> Observation:
    words = [subject.word(f"turn {place}") for place in range(_LONG_CONVERSATION)]
    answer = await recalled(subject, told_in_turn(words, RECALL_FIRST))
    if says(answer, words[0]):
        return held()
    everything = await recalled(subject, told_in_turn(words, RECALL_ALL), max_output_tokens=room_for(subject, 200))
    known = [says(everything, word) for word in words]
    first_known = known.index(True) if True in known else None
    if first_known and all(known[first_known:]):
        otherwise = f"the conversation begins at turn {first_known + 1} for the model: earlier ones are not read"
        return await unless_it_mixes_up(subject, _LONG_CONVERSATION, otherwise)
    if first_known is not None:
        return unclear("the model mixes up the turns, so that nothing can be told")
    return await unless_it_mixes_up(subject, _LONG_CONVERSATION, "the first turn of a longer conversation is not known")


@check(
    "roles.user.twice",
    level="MAY",
    axis="behaviour",
    proves="Two messages of the user's in a row are both read.",
    look_at="Whether a host asks for strict turns, or keeps only the last message.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=2,
)
async def user_twice(subject: Subject) -> Observation:
    words = [subject.word(f"message {place}") for place in range(2)]
    given = (*[user(code_word(word)) for word in words], user(RECALL_ALL))
    answer = await recalled(subject, given)
    if all(says(answer, word) for word in words):
        return held()
    return await unless_it_recalls(subject, "a message before another one of the same role is not read")
