"""Nothing is lost in silence: each leaf of a request is on the wire, or stands under a named node."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import FunctionTool, GenerateRequest, Loss, Message, Origin, Wire, user
from offramp_providers.dialects.openai_chat import DIALECT
from offramp_providers.emulator.openai_chat.validator import validate
from offramp_providers.emulator.rules import ValidatorState
from support.strategies import values

TARGET = Target(origin=Origin(developer="openai", host="openai", dialect=DIALECT.name, model="gpt-5.4"))
AS_OFFICIAL = {"rejects": ("temperature", "top_p", "stop"), "reasoning_field": ""}
FAST = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

REQUESTS = values(GenerateRequest) | st.lists(values(Message), min_size=1, max_size=3).map(
    lambda messages: GenerateRequest(tuple(messages))
)


def _bare(node: Any) -> Any:
    """Without residue, so that nothing passes by smuggling."""
    if isinstance(node, tuple):
        return tuple(_bare(each) for each in node)
    if not is_dataclass(node) or isinstance(node, (type, Wire, Origin)):
        return node
    kept = {each.name: _bare(getattr(node, each.name)) for each in fields(node)}
    return replace(node, **{name: None if name == "wire" else kept[name] for name in kept})


def _prepared(request: GenerateRequest) -> GenerateRequest:
    tools = tuple(replace(tool, name="f") if isinstance(tool, FunctionTool) else tool for tool in request.tools)
    bare: GenerateRequest = _bare(replace(request, model="gpt-5.4", tools=tools))
    return replace(bare, messages=(user("hi"), *bare.messages))


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if is_dataclass(node) and not isinstance(node, (Wire, Origin)):
        for each in fields(node):
            if each.name not in ("wire", "origin", "type"):
                yield from _leaves(getattr(node, each.name), f"{path}.{each.name}".lstrip("."))
    elif isinstance(node, tuple):
        for place, each in enumerate(node):
            yield from _leaves(each, f"{path}[{place}]")
    elif isinstance(node, dict):
        yield path, json.dumps(node, sort_keys=True)
    elif node not in (None, "") and not isinstance(node, Origin):
        yield path, repr(node)


def _named(path: str, losses: tuple[Loss, ...]) -> bool:
    """Whether a loss names the leaf or what holds it; what stands beside a moved part goes with it."""
    return any(path == loss.path or path.startswith((f"{loss.path}.", f"{loss.path}[")) for loss in losses)


@FAST
@given(REQUESTS)
def test_each_leaf_of_a_request_is_on_the_wire_or_named(drawn: GenerateRequest) -> None:
    request = _prepared(drawn)

    encoded = DIALECT.encode_request(request, TARGET)

    back = Counter(leaf for _, leaf in _leaves(DIALECT.decode_request(encoded.body, {}, TARGET.origin)))
    joined = any(loss.code == "text.joined" for loss in encoded.losses)
    for path, leaf in _leaves(request):
        if not _named(path, encoded.losses) and not path.endswith(".role"):
            said = back[leaf] > 0 or (joined and path.endswith(".text"))
            assert said, (path, leaf)
            back[leaf] -= 1


@FAST
@given(REQUESTS)
def test_a_strict_server_takes_whatever_is_encoded_for_it(drawn: GenerateRequest) -> None:
    request = _prepared(drawn)

    encoded = DIALECT.encode_request(request, replace(TARGET, options=AS_OFFICIAL))

    assert validate(encoded.body, {"authorization": "Bearer k"}, ValidatorState()) is None


def test_no_loss_is_named_for_what_both_can_say() -> None:
    request = GenerateRequest(
        (user("hi"),),
        stream=False,
        candidates=1,
        tools=(FunctionTool("f", strict=False),),
        temperature=0.0,
        stop=("x",),
    )

    encoded = DIALECT.encode_request(request, TARGET)

    assert encoded.losses == ()


def test_every_loss_has_a_path_from_the_request() -> None:
    request = GenerateRequest((user("hi"),), top_k=3, end_user="x" * 65)

    encoded = DIALECT.encode_request(request, TARGET)

    assert [(loss.code, loss.path) for loss in encoded.losses] == [
        ("setting.unsupported", "top_k"),
        ("setting.unsupported", "end_user"),
    ]
