"""What an endpoint can be asked besides an answer: counts of tokens, and the models that it has."""

from typing import Final

from offramp.catalog import served_model_matches
from offramp.contracts.operations import LIST_MODELS
from offramp.types import FunctionTool, GenerateRequest, ListModels, system, user
from offramp_conformance.checks.filler import filler
from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Seen, broken, expect, held, unclear
from offramp_conformance.suite.settings import Settings
from offramp_conformance.suite.subject import Given, Subject

_TOLERANCE: Final = 0.1
_SLACK: Final = 20
"""Tokens that a counter may be off besides: the marks of a template."""
_MOST_PAGES: Final = 50
_TOOL: Final = FunctionTool(
    "look_up_the_weather",
    description="Look up the weather of a place on a day, as it was measured there or as it is expected to be.",
    schema={"type": "object", "properties": {"place": {"type": "string"}, "day": {"type": "string"}}},
)


async def _count(subject: Subject, given: Given, settings: Settings | None = None) -> int:
    """Raises Seen where the counter does not say."""
    counted = (await subject.count_tokens(given, **(settings or {}))).input_tokens
    if counted is None:
        raise Seen(broken("the counter answers, and its answer holds no count"))
    return counted


@check(
    "operations.count_tokens.grows",
    level="MUST",
    axis="behaviour",
    proves="A longer prompt counts more tokens, and an empty addition none.",
    look_at="Whether the counter reads all of the request.",
    verifies="count_tokens",
    calls=4,
)
async def count_grows(subject: Subject) -> Observation:
    text = filler(subject.random(), 160).split()
    counts = [await _count(subject, " ".join(text[: len(text) * part // 4])) for part in (1, 2, 4)]
    expect(counts[0] < counts[1] < counts[2], "a longer prompt does not count more tokens")
    again = await _count(subject, " ".join(text[: len(text) // 4]))
    expect(again == counts[0], "the same prompt counts another number of tokens")
    return held()


@check(
    "operations.count_tokens.honest",
    level="MUST",
    axis="behaviour",
    proves="The counter says before a call what the call's usage says after it.",
    look_at="Whether the counter is of this model's tokenizer.",
    verifies="count_tokens",
    calls=2,
)
async def count_honest(subject: Subject) -> Observation:
    given = f"{filler(subject.random(), 200)}\n\n{say(subject.word())}"
    counted = await _count(subject, given)
    read = (await subject.ask(given, max_output_tokens=room_for(subject, 60))).answer.usage.input_tokens
    if read is None:
        return unclear("the call itself does not tell the tokens that were read")
    if abs(counted - read) <= _TOLERANCE * read + _SLACK:
        return held()
    return broken(f"{counted} tokens were counted before the call, {read} were read by it")


@check(
    "operations.count_tokens.of_everything",
    level="SHOULD",
    axis="behaviour",
    proves="System prompts and tools are counted as well.",
    look_at="Whether the counter reads more than the messages.",
    verifies="count_tokens",
    calls=3,
)
async def count_everything(subject: Subject) -> Observation:
    question = user(say(subject.word()))
    plain = await _count(subject, question)
    prompted = await _count(subject, (system(filler(subject.random(), 40)), question))
    expect(prompted > plain, "a system prompt is not counted")
    claim = subject.claim("tools")
    if claim is not None and claim.support in ("rejected", "unsupported"):
        return held()
    equipped = await _count(subject, GenerateRequest((question,), tools=(_TOOL,)))
    expect(equipped > plain, "a tool is not counted")
    return held()


async def _listed(subject: Subject) -> list[str]:
    """The names of all models, page by page.

    Raises:
        Seen: the pages do not end.
    """
    names: list[str] = []
    seen: set[str | None] = set()
    page: str | None = None
    while page not in seen:
        if len(seen) == _MOST_PAGES:
            raise Seen(unclear(f"there are more than {_MOST_PAGES} pages of models"))
        seen.add(page)
        told = await subject.perform(LIST_MODELS, ListModels(page=page))
        names += [each.name for each in told.models]
        page = told.next_page
        if page is None:
            return names
    raise Seen(broken("the list of models comes back to a page that was read"))


@check(
    "operations.models.listed",
    level="SHOULD",
    axis="wire",
    proves="The endpoint's model is in the host's list.",
    look_at="The spelling of the endpoint's `model`, and whether its account may use it.",
    verifies="models",
    tries=1,
)
async def models_listed(subject: Subject) -> Observation:
    names = await _listed(subject)
    asked, facts = subject.endpoint.identity.model, subject.endpoint.facts
    if any(served_model_matches(asked, name, facts) or served_model_matches(name, asked, facts) for name in names):
        return held(f"it is one of {len(names)}")
    return broken(f"the model is not among the {len(names)} that are listed")


@check(
    "operations.models.unique",
    level="MAY",
    axis="wire",
    proves="No model is listed twice.",
    look_at="Pages that overlap.",
    verifies="models",
    tries=1,
)
async def models_unique(subject: Subject) -> Observation:
    names = await _listed(subject)
    return held() if len(set(names)) == len(names) else broken(f"{len(names) - len(set(names))} are listed twice")
