"""The apt vendor is honest: no check of the catalogue accuses it, in any dialect."""

import pytest

from offramp.contracts.operations import EMBED
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import EmbedInput, EmbedRequest, FunctionTool, SchemaOutput, Text, ToolCall, user
from offramp_conformance.checks import catalogue
from offramp_conformance.checks.prompts import call_tool, essay, fill_in, say
from offramp_conformance.liars.accused import accusations
from offramp_conformance.liars.apt import AptVendor, Means
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trial import standing
from offramp_conformance.suite.runner import Runner, RunSettings
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator.config import DIALECTS, Dialect

EVERY = pytest.mark.parametrize("dialect", DIALECTS)
LOOK = FunctionTool(
    "look",
    schema={"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
)


@EVERY
async def test_no_check_accuses_it(dialect: Dialect):
    async with standing(PLACES[dialect]) as (_, bench):
        results = await Runner(bench, RunSettings(tries=1)).run(catalogue())

    assert accusations(results) == ()
    assert any(each.state == "proven" for each in results)
    most = {each.id: each.calls for each in catalogue()}
    assert [each.id for each in results for one in each.tries if len(one.calls) > most[each.id]] == []


@EVERY
async def test_it_does_as_it_is_told_whole_and_in_a_stream(dialect: Dialect):
    async with standing(PLACES[dialect]) as (_, bench):
        subject = Subject(bench, "text.answers")
        whole = (await subject.ask(say("Zürich"))).answer
        streamed = (await subject.stream(say("Zürich"))).answer

    assert (whole.text, streamed.text) == ("Zürich", "Zürich")
    assert whole.usage.input_tokens == streamed.usage.input_tokens != 0


@EVERY
async def test_it_calls_the_tool_that_it_is_told_to_call(dialect: Dialect):
    async with standing(PLACES[dialect]) as (_, bench):
        subject = Subject(bench, "tools.called")
        answer = (await subject.ask(call_tool("look", place="the depot"), tools=(LOOK,))).answer

    calls = [part for part in answer.message.parts if isinstance(part, ToolCall)]
    assert [each.name for each in calls] == ["look"]
    assert '"the depot"' in (calls[0].arguments_json or "")


@EVERY
async def test_its_json_fits_the_schema_and_holds_what_was_asked_for(dialect: Dialect):
    schema = {**(LOOK.schema or {}), "additionalProperties": False}
    async with standing(PLACES[dialect]) as (_, bench):
        subject = Subject(bench, "structured.fits")
        answer = (await subject.ask(fill_in(place="depot"), output=SchemaOutput(schema, name="place"))).answer

    assert answer.text == '{"place": "depot"}'


@EVERY
async def test_it_refuses_what_is_longer_than_it_reads(dialect: Dialect):
    async with standing(PLACES[dialect], lambda *given: AptVendor(*given, Means(context_tokens=50))) as (_, bench):
        made = await Subject(bench, "context.refused").ask("word " * 100)

    assert isinstance(made.error, ProviderError)
    expected = ProviderErrorKind.CONTEXT_EXCEEDED
    assert made.error.kind is expected or dialect == "bedrock_converse"  # its words are not among the documented ones


@pytest.mark.parametrize("dialect", ["openai_chat", "gemini", "ollama_native", "mistral"])
async def test_a_seed_gives_the_same_text_again_and_another_seed_another(dialect: Dialect):
    async with standing(PLACES[dialect]) as (_, bench):
        subject = Subject(bench, "parameters.seed")
        texts = [(await subject.ask(essay("rivers"), seed=seed)).answer.text for seed in (1, 1, 2)]

    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("dialect", ["anthropic_messages", "openai_responses", "gemini", "bedrock_converse"])
async def test_its_counter_and_its_usage_agree(dialect: Dialect):
    async with standing(PLACES[dialect]) as (_, bench):
        subject = Subject(bench, "usage.counted")
        counted = await subject.count_tokens(essay("rivers"))
        answer = (await subject.ask(essay("rivers"))).answer

    assert counted.input_tokens == answer.usage.input_tokens


@pytest.mark.parametrize(
    "dialect", ["openai_chat", "openai_responses", "gemini", "ollama_native", "cohere_v2", "mistral"]
)
async def test_its_embeddings_differ_by_text_only(dialect: Dialect):
    asked = EmbedRequest(
        tuple(EmbedInput((Text(text),)) for text in ("a gate", "a depot", "a gate")), purpose="document"
    )
    async with standing(PLACES[dialect]) as (_, bench):
        told = await Subject(bench, "operations.embeddings").perform(EMBED, asked)

    first, second, third = told.vectors
    assert first == third != second


async def test_a_directive_of_the_emulator_still_works():
    async with standing(PLACES["openai_chat"]) as (_, bench):
        answer = (await Subject(bench, "refusal.shape").ask([user("[[refuse]]")])).answer

    assert answer.outcome.kind == "refusal"
