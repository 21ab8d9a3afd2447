"""One exchange through the front door."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from offramp import (
    AnyResponse,
    CapabilityError,
    ConfigurationError,
    FunctionTool,
    GenerateRequest,
    LossExceeded,
    Message,
    OutcomeKind,
    OutputInvalid,
    PolicyDenied,
    Prohibited,
    ProviderError,
    ProviderErrorKind,
    Refusal,
    Selector,
    ServedModelMismatch,
    Text,
    user,
)
from offramp._given import KINDS
from offramp._input import Settings
from offramp.audit import verify
from offramp.state import open_store, prohibit
from offramp.types import Loss, Severity
from support.deployment import WRITTEN_ON

Answer = Callable[..., AnyResponse]


class Triage(BaseModel):
    urgent: bool


class Shapeless:
    """pydantic knows no schema for it."""


def greedy(*everything: str) -> None:
    """No schema can say this."""


def failure(kind: ProviderErrorKind) -> ProviderError:
    return ProviderError("it failed", kind=kind)


async def test_an_answer_comes_with_its_text_and_timings(deployment: Any, answer: Answer):
    deployment.a.script.append(answer("dry feet"))

    response = await deployment.mission.generate("Flood at the depot")

    assert response.text == "dry feet"
    assert response.timings.total_s is not None
    assert deployment.a.requests[0].messages == (user("Flood at the depot"),)


@pytest.mark.parametrize(
    "given",
    ["hello", user("hello"), [user("hello")], GenerateRequest((user("hello"),))],
    ids=["text", "message", "messages", "request"],
)
async def test_every_form_of_input_makes_the_same_request(deployment: Any, answer: Answer, given: Any):
    deployment.a.script.append(answer("hi"))

    await deployment.mission.generate(given, system="Be brief.", settings={"max_output_tokens": 50})

    sent = deployment.a.requests[0]
    assert sent.messages == (Message("system", (Text("Be brief."),)), user("hello"))
    assert sent.max_output_tokens == 50


async def test_an_output_class_is_asked_for_strictly_and_read_back(deployment: Any, answer: Answer):
    deployment.a.script.append(answer('{"urgent": true}'))

    response = await deployment.mission.generate("?", output=Triage)

    assert response.output == Triage(urgent=True)
    assert deployment.a.requests[0].output.strict is True
    assert deployment.a.requests[0].output.schema["additionalProperties"] is False


async def test_an_answer_that_does_not_fit_is_an_error_that_holds_it(deployment: Any, answer: Answer):
    deployment.a.script.append(answer('{"urgent": "SECRET"}'))

    with pytest.raises(OutputInvalid) as caught:
        await deployment.mission.generate("?", output=Triage)

    assert caught.value.response is not None
    assert "SECRET" not in str(caught.value)


async def test_a_refusal_is_an_answer_without_output_and_nobody_else_is_asked(deployment: Any, answer: Answer):
    deployment.a.script.append(answer(Refusal("no"), kind=OutcomeKind.REFUSAL))

    response = await deployment.mission.generate("?", output=Triage)

    assert response.output is None
    assert response.outcome.kind is OutcomeKind.REFUSAL
    assert deployment.b.calls == []


@pytest.mark.parametrize("kind", [ProviderErrorKind.TIMEOUT, ProviderErrorKind.MODEL_RETIRED])
async def test_a_failing_vendor_falls_back_to_the_next(deployment: Any, answer: Answer, kind: ProviderErrorKind):
    deployment.a.script.append(failure(kind))
    deployment.b.script.append(answer("from b"))

    response = await deployment.mission.generate("?")

    assert response.text == "from b"
    assert response.timings.attempts == 2


@pytest.mark.parametrize(
    "kind",
    [
        ProviderErrorKind.CONTENT_FILTER,
        ProviderErrorKind.INVALID_REQUEST,
        ProviderErrorKind.AUTHENTICATION,
        ProviderErrorKind.SUSPENDED,
        ProviderErrorKind.REGION,
        ProviderErrorKind.UNKNOWN,
    ],
)
async def test_what_may_be_an_answer_or_needs_a_person_is_never_tried_elsewhere(
    deployment: Any, kind: ProviderErrorKind
):
    deployment.a.script.append(failure(kind))

    with pytest.raises(ProviderError):
        await deployment.mission.generate("?")

    assert deployment.b.calls == []


async def test_an_order_moves_the_next_call_to_the_next_endpoint(deployment: Any, answer: Answer):
    store = open_store(f"sqlite:{deployment.path.parent / 'state.db'}")
    prohibit(store, Selector.parse("developer:acme"), reason="ORDER-1", by="test")
    deployment.b.script.append(answer("from b"))

    response = await deployment.mission.generate("?")

    store.close()
    assert response.text == "from b"
    assert deployment.a.calls == []


async def test_an_order_for_all_endpoints_leaves_nobody_to_ask(deployment: Any):
    store = open_store(f"sqlite:{deployment.path.parent / 'state.db'}")
    for developer in ("acme", "bolt"):
        prohibit(store, Selector.parse(f"developer:{developer}"), reason="ORDER-1", by="test")

    with pytest.raises(Prohibited):
        await deployment.mission.generate("?")

    store.close()
    assert deployment.a.calls == deployment.b.calls == []


async def test_a_policy_denial_is_final_and_nothing_is_sent(deployment: Any, answer: Answer):
    declaration = deployment.path.parent / "triage.toml"
    declaration.write_text(declaration.read_text().replace('"gen.draft"', '"gen.draft", "force.engage"'))
    deployment.b.script.append(answer("from b"))

    with pytest.raises(PolicyDenied) as caught:
        await deployment.again().mission("triage").generate("?")

    assert caught.value.reasons
    assert deployment.a.calls == deployment.b.calls == []


async def test_an_expired_declaration_denies(deployment: Any):
    declaration = deployment.path.parent / "triage.toml"
    year = WRITTEN_ON + timedelta(days=365)
    declaration.write_text(
        declaration.read_text()
        .replace(f"valid_until = {year}", "valid_until = 2026-01-02")
        .replace(f"valid_from = {WRITTEN_ON}", "valid_from = 2026-01-01")
    )

    with pytest.raises(PolicyDenied):
        await deployment.again().mission("triage").generate("?")

    assert deployment.a.calls == []


async def test_too_great_a_loss_at_every_endpoint_is_refused_before_a_byte_leaves(deployment: Any):
    loss = Loss(code="unknown_part", path="x", action="dropped", severity=Severity.MATERIAL, why="made up")
    deployment.a.losses = deployment.b.losses = (loss,)

    with pytest.raises(LossExceeded):
        await deployment.mission.generate("?")

    assert deployment.a.calls == deployment.b.calls == []


async def test_an_endpoint_that_cannot_do_it_is_passed_over(deployment: Any, answer: Answer):
    deployment.a.losses = (
        Loss(code="unknown_part", path="x", action="dropped", severity=Severity.MATERIAL, why="made up"),
    )
    deployment.b.script.append(answer("from b"))

    response = await deployment.mission.generate("?")

    assert response.text == "from b"


async def test_a_failure_is_told_before_an_endpoint_that_was_never_fit(deployment: Any):
    deployment.a.script.append(failure(ProviderErrorKind.TIMEOUT))
    deployment.b.losses = (
        Loss(code="unknown_part", path="x", action="dropped", severity=Severity.MATERIAL, why="made up"),
    )

    with pytest.raises(ProviderError) as caught:
        await deployment.mission.generate("?")

    assert caught.value.kind is ProviderErrorKind.TIMEOUT
    assert "not b (unfit" in caught.value.__notes__[0]


async def test_nothing_to_say_is_refused(deployment: Any):
    with pytest.raises(ConfigurationError, match="no message"):
        await deployment.mission.generate([])

    assert deployment.a.calls == []


async def test_what_a_call_loses_stands_in_the_response_once(deployment: Any, answer: Answer):
    loss = Loss(code="cache", path="cache", action="dropped", severity=Severity.COSMETIC, why="made up")
    deployment.a.losses = (loss,)
    deployment.a.script.append(answer("hi"))

    response = await deployment.mission.generate("?")

    assert response.losses == (loss,)


async def test_another_served_model_is_an_error_that_holds_the_answer(deployment: Any, answer: Answer):
    deployment.a.script.append(answer("hi", model="other-model"))

    with pytest.raises(ServedModelMismatch) as caught:
        await deployment.mission.generate("?")

    assert caught.value.served == "other-model"
    assert deployment.b.calls == []


async def test_options_for_another_dialect_are_a_loss(deployment: Any, answer: Answer):
    deployment.a.script.append(answer("hi"))

    response = await deployment.mission.generate(
        "?", vendor_options={"anthropic_messages": {"x": 1}, "openai_chat": {"y": 2}}
    )

    assert deployment.a.vendor_options == [{"x": 1}]
    assert [(loss.code, loss.path) for loss in response.losses] == [("vendor_option", "vendor_options.openai_chat.y")]


async def test_options_for_a_dialect_that_nobody_speaks_are_refused_before_anything_is_sent(deployment: Any):
    with pytest.raises(ConfigurationError, match=r"no dialect 'antropic_messages'.*anthropic_messages"):
        await deployment.mission.generate("?", vendor_options={"antropic_messages": {"x": 1}})

    assert (deployment.a.calls, deployment.b.calls) == ([], [])


async def test_every_send_has_a_decision_before_it_in_a_log_that_verifies(deployment: Any, answer: Answer):
    deployment.a.script += [answer("one"), answer("two")]

    await deployment.mission.generate("?")
    await deployment.mission.generate("?")
    for _ in range(3):
        await asyncio.sleep(0)  # an outcome is written two turns later at the latest

    folder = deployment.path.parent / "audit"
    lines = "".join(path.read_text() for path in sorted(folder.glob("*.jsonl")))
    kinds = [line.split('"kind":"')[1].split('"')[0] for line in lines.splitlines()]
    assert verify(folder).sound
    assert [kind for kind in kinds if kind in ("decision", "sent", "outcome")] == ["decision", "sent", "outcome"] * 2


async def test_the_time_of_a_call_bounds_its_stream_to_the_end(deployment: Any, answer: Answer):
    deployment.a.script.append(answer("hello"))

    async with deployment.mission.stream("hi", timeout_s=5) as stream:
        await stream.collect()

    assert 4 < deployment.a.calls[0].deadlines.total_s <= 5


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"settings": {"temprature": 1}}, "temprature"),
        ({"sytem": "x"}, "sytem"),
        ({"approvals": "token"}, "approvals"),
        ({"output": Shapeless}, "Shapeless"),
        ({"tools": [FunctionTool("same"), FunctionTool("same")]}, "same"),
        ({"tools": [greedy]}, "greedy"),
        ({"settings": {"temperature": "hot"}}, "settings.temperature"),
        ({"settings": {"temperature": float("nan")}}, "settings.temperature"),
        ({"settings": {"max_output_tokens": 1.5}}, "settings.max_output_tokens"),
        ({"settings": {"stop": "END"}}, "settings.stop"),
        ({"settings": {"tool_choice": "auto"}}, "settings.tool_choice"),
        ({"timeout_s": "5"}, "timeout_s"),
        ({"timeout_s": float("nan")}, "timeout_s"),
        ({"max_turns": 0}, "max_turns"),
        ({"vendor_options": {"scripted": 5}}, "vendor_options"),
    ],
)
async def test_a_mistake_in_a_call_is_named(deployment: Any, arguments: Any, named: str):
    with pytest.raises(ConfigurationError, match=named):
        await deployment.mission.generate("?", **arguments)

    assert deployment.a.calls == []


@pytest.mark.parametrize("given", [None, 5, {"role": "user"}, [{"role": "user", "content": "private"}], ["private"]])
async def test_an_input_that_is_no_message_is_told_so_without_quoting_it(deployment: Any, given: Any):
    with pytest.raises(ConfigurationError, match="where a message is expected") as caught:
        await deployment.mission.generate(given)

    assert "private" not in str(caught.value)
    assert deployment.a.calls == []


@pytest.mark.parametrize("conversation", ["", " ", None])
async def test_a_conversation_without_an_id_is_refused_lest_two_become_one(deployment: Any, conversation: Any):
    with pytest.raises(ConfigurationError, match="needs an id"):
        deployment.mission.session(conversation)


def test_every_setting_is_checked():
    assert set(KINDS) == set(Settings.__annotations__)


async def test_a_mission_that_is_not_configured_is_named_with_those_that_are(deployment: Any):
    with pytest.raises(ConfigurationError, match="triage"):
        deployment.client.mission("triags")


async def test_a_need_that_no_endpoint_claims_is_refused(tmp_path: Any, deployment: Any):
    text = deployment.path.read_text()
    deployment.path.write_text(text + 'requires = ["input.audio"]\n')

    with pytest.raises(CapabilityError, match=r"input\.audio"):
        await deployment.again().mission("triage").generate("?")

    assert deployment.a.calls == deployment.b.calls == []
