"""A request that leaves its history at a vendor is told in full from our ledger, or refused; never sent without it."""

from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.contracts.ledger import Ledger, Opened, Said, TurnFinished, TurnStarted
from offramp.errors import SessionError
from offramp.sessions import MemoryLedger, with_own_history, within
from offramp.types import (
    GenerateRequest,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    RoutingField,
    Text,
    ToolCall,
    ToolResult,
    system,
    user,
)
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_providers.dialects.openai_responses import DIALECT

OWN = SPOKEN[DIALECT.name].origin


def said(text: str, response_id: str) -> Message:
    origin = Origin(developer="openai", host="openai", dialect=DIALECT.name, model="gpt-5.4", response_id=response_id)
    return Message("assistant", (Text(text),), origin=origin)


HISTORY = (system("Be brief."), user("one"), said("1", "resp_1"), user("two"), said("2", "resp_2"))


def asked(previous: str, **more: Any) -> GenerateRequest:
    body = {"model": "gpt-5.4", "input": "and now?", "previous_response_id": previous, **more}
    return DIALECT.decode_request(body, {}, OWN)


async def keep(ledger: Ledger, messages: tuple[Message, ...] = HISTORY, *, label: str = "triage@1") -> None:
    entries = [
        Opened(mission="triage", labels=(label,)),
        *(Said(message) for message in messages),
        TurnStarted(endpoint="a", labels=(label,)),
        TurnFinished(endpoint="a", outcome=Outcome(OutcomeKind.COMPLETED)),
    ]
    await ledger.append("case-1", entries, expected=0)


def texts(request: GenerateRequest) -> list[str]:
    return [message.text for message in request.messages]


async def test_what_a_request_leaves_out_is_told_from_the_ledger(ledger: Ledger):
    await keep(ledger)

    whole = await with_own_history(asked("resp_2"), ledger, labels=["triage@1"])

    assert texts(whole) == ["one", "1", "two", "2", "and now?"]
    assert whole.routing == ()


async def test_it_goes_on_from_the_answer_that_it_names(ledger: Ledger):
    await keep(ledger)

    whole = await with_own_history(asked("resp_1"), ledger, labels=["triage@1"])

    assert texts(whole) == ["one", "1", "and now?"]


async def test_instructions_are_not_carried_over_and_new_ones_lead(ledger: Ledger):
    await keep(ledger)

    whole = await with_own_history(asked("resp_1", instructions="Be kind."), ledger, labels=["triage@1"])

    assert [message.role for message in whole.messages] == ["system", "user", "assistant", "user"]
    assert whole.messages[0].text == "Be kind."


async def test_results_find_their_calls_in_the_history(ledger: Ledger):
    origin = said("", "resp_3").origin
    await keep(ledger, (user("look"), Message("assistant", (ToolCall("call_1", "look", "{}"),), origin=origin)))
    output = {"type": "function_call_output", "call_id": "call_1", "output": "two"}

    whole = await with_own_history(asked("resp_3", input=[output]), ledger, labels=["triage@1"])

    assert [message.role for message in whole.messages] == ["user", "assistant", "tool"]
    assert isinstance(whole.messages[-1].parts[0], ToolResult)


async def test_an_answer_that_the_ledger_does_not_have_leaves_the_request_as_it_is(ledger: Ledger):
    await keep(ledger)

    assert await with_own_history(asked("resp_9"), ledger, labels=["triage@1"]) == asked("resp_9")


async def test_a_cut_off_answer_is_no_history(ledger: Ledger):
    cut = Message("assistant", (Text("2, but"),), origin=said("", "resp_2").origin, status="interrupted")
    await keep(ledger, (user("one"), cut))

    assert (await with_own_history(asked("resp_2"), ledger, labels=["triage@1"])).routing


async def test_what_was_said_under_another_declaration_is_not_disclosed(ledger: Ledger):
    await keep(ledger, label="secret@1")

    with pytest.raises(SessionError, match="secret@1"):
        await with_own_history(asked("resp_2"), ledger, labels=["triage@1"])


async def test_an_erased_history_is_not_found():
    ledger = MemoryLedger()
    await keep(ledger)
    await ledger.erase("case-1")

    assert (await with_own_history(asked("resp_2"), ledger, labels=["triage@1"])).routing


def test_a_session_tells_its_own_history():
    request = within(asked("resp_2"), HISTORY)

    assert request.routing == ()
    with pytest.raises(SessionError, match="another answer"):
        within(asked("resp_1"), HISTORY)


@pytest.mark.parametrize("name", sorted(set(SPOKEN) - {DIALECT.name}))
def test_no_other_dialect_sends_it_in_silence(name: str):
    for field in ("previous_response_id", "conversation"):
        routing = (RoutingField(dialect=DIALECT.name, name=field, raw="r", holds_history=True),)
        request = GenerateRequest((user("and now?"),), max_output_tokens=99, routing=routing)

        losses = SPOKEN[name].dialect.encode_request(request, Target(origin=SPOKEN[name].origin)).losses

        assert [(loss.code, loss.severity.name) for loss in losses if loss.path == "routing[0]"] == [
            ("routing_field", "MATERIAL")
        ]


def test_only_what_stands_for_messages_is_marked_so():
    held = {field.name for field in asked("r", conversation="c", prompt={"id": "p"}).routing if field.holds_history}

    assert held == {"previous_response_id", "conversation"}
