"""What only a request of this dialect says: spellings, headers, routing."""

from typing import Any

import pytest

from offramp.catalog import load_profile
from offramp.contracts.dialect import Target
from offramp.types import (
    Origin,
    ToolResult,
)
from offramp_providers.dialects.anthropic_messages import DIALECT
from offramp_providers.dialects.anthropic_messages.options import OPTIONS


def body(*messages: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": list(messages), **fields}


def through(wire: dict[str, Any], issuer: Origin, headers: dict[str, str] | None = None) -> Any:
    """The request as it comes out, having gone in."""
    return DIALECT.encode_request(DIALECT.decode_request(wire, headers or {}, issuer), Target(origin=issuer))


SAID = {"role": "user", "content": "hi"}
TEXT = {"type": "text", "text": "hi"}


@pytest.mark.parametrize(
    "wire",
    [
        body(SAID, SAID),
        body({"role": "assistant", "content": "so"}),
        body({"role": "user", "content": []}, {"role": "user"}, {"role": "user", "content": None}),
        body({"role": "user", "content": ""}, {"role": "assistant", "content": [{"type": "text", "text": ""}]}),
        body({"role": "system", "content": "first"}, SAID),
        body(SAID, {"role": "system", "content": [TEXT]}, {"role": "assistant", "content": "x"}),
        body({"role": "user", "content": [TEXT, {"type": "tool_result", "tool_use_id": "a b"}, TEXT]}),
        body(SAID, system=[], tools=[], stop_sequences=[], output_config={}, metadata={"user_id": None}),
        body(SAID, thinking={"type": "enabled", "budget_tokens": 5, "display": "omitted"}, temperature=1.7, top_p=0),
        body(SAID, cache_control={"type": "ephemeral", "ttl": "1h", "scope": "all"}, service_tier="odd"),
        body(SAID, tool_choice={"type": "none", "disable_parallel_tool_use": True}),
        body(
            SAID,
            output_format={"type": "json_schema", "schema": {"minimum": 1}},
            output_config={"format": {"type": "x"}},
        ),
        body({"role": "user", "content": [{"type": "document", "source": {"type": "content", "content": [TEXT]}}]}),
        body({"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "f", "x": 1}}]}),
        body({"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, TEXT]}),
    ],
)
def test_an_odd_request_comes_back_exactly(wire: dict[str, Any], issuer: Origin) -> None:
    encoded = through(wire, issuer)

    assert encoded.body == wire
    assert encoded.losses == ()


def test_headers_that_carry_meaning_come_back(issuer: Origin) -> None:
    headers = {"anthropic-beta": "a,b", "anthropic-version": "2023-06-01", "user-agent": "x"}

    assert through(body(SAID), issuer, headers).headers == {"anthropic-beta": "a,b"}
    assert through(body(SAID), issuer, {"anthropic-version": "2030-01-01"}).headers == {
        "anthropic-version": "2030-01-01"
    }


def test_a_beta_header_is_named_on_another_dialect(issuer: Origin, other: Origin) -> None:
    request = DIALECT.decode_request(body(SAID), {"anthropic-beta": "a"}, issuer)

    encoded = DIALECT.encode_request(request, Target(origin=Origin(developer="x", host="x", dialect="other")))

    assert [loss.code for loss in encoded.losses] == ["vendor_header"]


def test_fields_that_route_are_typed_and_no_residue(issuer: Origin) -> None:
    wire = body(SAID, fallbacks=[{"model": "n"}], inference_geo="us", mcp_servers=[{}], container=None)

    request = DIALECT.decode_request(wire, {}, issuer)

    assert [each.name for each in request.routing] == ["fallbacks", "inference_geo", "mcp_servers"]
    assert request.wire is not None
    assert request.wire.fields == {"container": None}
    assert through(wire, issuer).body == wire


def test_only_the_assistants_messages_carry_the_issuer(issuer: Origin) -> None:
    request = DIALECT.decode_request(body(SAID, {"role": "assistant", "content": "x"}, system="s"), {}, issuer)

    assert [(each.role, each.origin) for each in request.messages] == [
        ("system", None),
        ("user", None),
        ("assistant", issuer),
    ]


def test_results_of_one_turn_are_one_tool_message(issuer: Origin) -> None:
    results = [{"type": "tool_result", "tool_use_id": each, "content": "r", "is_error": False} for each in "ab"]

    request = DIALECT.decode_request(body({"role": "user", "content": [*results, TEXT]}), {}, issuer)

    assert [each.role for each in request.messages] == ["tool", "user"]
    assert [part.call_id for part in request.messages[0].parts if isinstance(part, ToolResult)] == ["a", "b"]


def test_the_profile_names_only_options_that_the_dialect_knows() -> None:
    profile = load_profile("anthropic")

    named = {*profile.options, *(name for facts in profile.models.values() for name in facts.options)}

    assert profile.dialect == DIALECT.name
    assert named <= OPTIONS.keys()
