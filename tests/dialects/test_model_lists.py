"""Lists of models, in every dialect that has them."""

import copy
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Dialect, Target
from offramp.contracts.operations import LIST_MODELS
from offramp.contracts.profile import Option
from offramp.errors import Unsupported
from offramp.types import ListModels, ModelInfo, ModelList, Wire
from offramp_providers.dialects.anthropic_messages import DIALECT as ANTHROPIC
from offramp_providers.dialects.cohere_v2 import DIALECT as COHERE
from offramp_providers.dialects.gemini import DIALECT as GEMINI
from offramp_providers.dialects.mistral import DIALECT as MISTRAL
from offramp_providers.dialects.ollama_native import DIALECT as OLLAMA
from offramp_providers.dialects.openai_chat import DIALECT as CHAT
from offramp_providers.dialects.openai_responses import DIALECT as RESPONSES
from support.operations import answered, codec_of, host_of

LISTERS: Final = (ANTHROPIC, CHAT, RESPONSES, MISTRAL, COHERE, GEMINI, OLLAMA)
PAGES: Final[list[tuple[Dialect, dict[str, Any], list[Any]]]] = [
    # What a vendor lists, and what we read: name, context, bound of the answer.
    (
        ANTHROPIC,
        {
            "data": [
                {
                    "type": "model",
                    "id": "claude-opus-5-5",
                    "display_name": "Claude Opus 5.5",
                    "created_at": "2026-10-01T00:00:00Z",
                    "max_input_tokens": 1000000,
                    "max_tokens": 128000,
                    "capabilities": {"batch": {"supported": True}},
                }
            ],
            "has_more": True,
            "first_id": "claude-opus-5-5",
            "last_id": "claude-opus-5-5",
        },
        [("claude-opus-5-5", 1000000, 128000)],
    ),
    (
        CHAT,
        {
            "object": "list",
            "data": [
                {"id": "a", "object": "model", "created": 1686935002, "owned_by": "openai", "shutdown_date": None},
                {"id": "b", "object": "model", "created": 1686935002, "owned_by": "x", "shutdown_date": "2027-01-01"},
                {"id": "c", "object": "model", "created": 0, "owned_by": "g", "context_window": 9, "active": True},
                {"id": "d/e", "name": "E", "context_length": 8, "created": 1, "object": "model", "pricing": {"k": 1}},
                {"id": "f", "object": "model", "max_model_len": 7, "permission": []},
            ],
        },
        [("a", None, None), ("b", None, None), ("c", 9, None), ("d/e", 8, None), ("f", 7, None)],
    ),
    (
        COHERE,
        {
            "models": [
                {
                    "name": "command-a-03-2025",
                    "is_deprecated": False,
                    "endpoints": ["chat"],
                    "finetuned": False,
                    "context_length": 256000,
                    "tokenizer_url": "https://storage.example/t.json",
                    "default_endpoints": [],
                    "features": ["tools", "json_schema"],
                },
                {"name": "embed-v4.0", "endpoints": ["embed"], "context_length": 128000.0},
            ],
            "next_page_token": "next",
        },
        [("command-a-03-2025", 256000, None), ("embed-v4.0", None, None)],
    ),
    (
        GEMINI,
        {
            "models": [
                {
                    "name": "models/gemini-3.8-flash",
                    "version": "001",
                    "displayName": "Gemini",
                    "inputTokenLimit": 1048576,
                    "outputTokenLimit": 65536,
                    "supportedGenerationMethods": ["generateContent", "countTokens"],
                },
                {"name": "tunedModels/mine", "displayName": "Mine"},
            ],
            "nextPageToken": "next",
        },
        [("gemini-3.8-flash", 1048576, 65536), ("tunedModels/mine", None, None)],
    ),
    (
        OLLAMA,
        {"models": [{"name": "llama:8b", "model": "llama:8b", "size": 5, "details": {"family": "llama"}}]},
        [("llama:8b", None, None)],
    ),
]


@pytest.mark.parametrize(("dialect", "page", "read"), PAGES, ids=lambda each: getattr(each, "name", ""))
def test_a_page_is_read_and_comes_back_exactly(dialect: Dialect, page: dict[str, Any], read: list[Any]) -> None:
    told = codec_of(dialect, LIST_MODELS).decode_response(copy.deepcopy(page), {}, host_of(dialect))
    before, after = answered(dialect, LIST_MODELS, copy.deepcopy(page))

    assert [(each.name, each.context_tokens, each.max_output_tokens) for each in told.models] == read
    assert after == before


def test_what_is_told_of_a_model_is_read() -> None:
    page = {"data": [{"id": "a", "created": 1686935002, "owned_by": "openai", "shutdown_date": "2027-01-01"}]}

    (model,) = codec_of(CHAT, LIST_MODELS).decode_response(page, {}, host_of(CHAT)).models

    assert (model.created, model.developer, model.retires) == ("2023-06-16T17:03:22+00:00", "openai", "2027-01-01")


def test_names_and_owners_are_read_under_the_words_of_another_host() -> None:
    # As Together lists them (together-py 5c576a96, types/model_list_response.py).
    listed = {"id": "m/n", "object": "model", "created": 1686935002, "display_name": "N", "organization": "M"}
    page = {"object": "list", "data": [{**listed, "context_length": 8, "type": "chat"}]}

    (model,) = codec_of(CHAT, LIST_MODELS).decode_response(copy.deepcopy(page), {}, host_of(CHAT)).models

    assert (model.name, model.title, model.developer, model.context_tokens) == ("m/n", "N", "M", 8)
    assert answered(CHAT, LIST_MODELS, copy.deepcopy(page)) == (page, page)


@pytest.mark.parametrize(
    ("dialect", "key", "first"),
    [
        (ANTHROPIC, "after_id", "/v1/models?limit=1000"),
        (COHERE, "page_token", "/v1/models?page_size=1000"),
        (GEMINI, "pageToken", "/models?pageSize=1000"),
    ],
    ids=["anthropic", "cohere", "gemini"],
)
def test_pages_are_asked_for_in_the_vendors_way(dialect: Dialect, key: str, first: str) -> None:
    codec, target = codec_of(dialect, LIST_MODELS), Target(origin=host_of(dialect))

    paths = [codec.encode_request(ListModels(page=page), target).path for page in (None, "a/b&c")]

    assert paths == [first, f"{first}&{key}=a%2Fb%26c"]
    assert codec.decode_request({}, {":path": paths[1]}, host_of(dialect)).page == "a/b&c"
    assert codec.method == "GET"


@pytest.mark.parametrize("dialect", [ANTHROPIC, GEMINI], ids=lambda each: each.name)
def test_a_host_without_a_list_says_so(dialect: Dialect) -> None:
    options: dict[str, Option] = {"models_path": ""}

    with pytest.raises(Unsupported, match="cannot list its models"):
        codec_of(dialect, LIST_MODELS).encode_request(ListModels(), Target(origin=host_of(dialect), options=options))


MODELS: Final = st.builds(
    ModelInfo,
    st.text("abc/", min_size=1, max_size=4).filter(lambda name: not name.startswith("/")),
    title=st.none() | st.text(max_size=3),
    developer=st.none() | st.text(max_size=3),
    created=st.none() | st.sampled_from(["2026-10-01T00:00:00+00:00", "someday"]),
    retires=st.none() | st.just("2027-01-01"),
    context_tokens=st.none() | st.integers(0, 99),
    max_output_tokens=st.none() | st.integers(0, 99),
)
FACTS: Final = ("title", "developer", "created", "retires", "context_tokens", "max_output_tokens")


@pytest.mark.parametrize("dialect", LISTERS, ids=lambda each: each.name)
@given(models=st.lists(MODELS, max_size=3))
def test_every_fact_arrives_or_is_named(dialect: Dialect, models: list[ModelInfo]) -> None:
    codec = codec_of(dialect, LIST_MODELS)

    encoded = codec.encode_response(ModelList(tuple(models)))
    back = codec.decode_response(json.loads(json.dumps(encoded.body)), {}, host_of(dialect)).models

    named = {loss.path for loss in encoded.losses}
    assert [each.name for each in back] == [each.name for each in models]
    for place, (before, after) in enumerate(zip(models, back, strict=True)):
        for name in FACTS:
            said, read = getattr(before, name), getattr(after, name)
            assert said == read or (read is None and f"models[{place}].{name}" in named), name


@pytest.mark.parametrize("dialect", LISTERS, ids=lambda each: each.name)
def test_what_another_vendor_told_is_named_and_not_sent(dialect: Dialect) -> None:
    wire = Wire(dialect="elsewhere", fields={"odd": "ODD"})

    encoded = codec_of(dialect, LIST_MODELS).encode_response(ModelList((ModelInfo("m", wire=wire),), wire=wire))

    assert "ODD" not in str(encoded.body)
    assert {loss.path for loss in encoded.losses} == {"wire.fields.odd", "models[0].wire.fields.odd"}


@pytest.mark.parametrize("dialect", LISTERS, ids=lambda each: each.name)
@pytest.mark.parametrize("odd", [None, [], {}, "x", [1], [{"id": 1}], [{"name": None}]])
def test_a_list_of_another_shape_is_kept(dialect: Dialect, odd: Any) -> None:
    key = "models" if dialect in (COHERE, GEMINI, OLLAMA) else "data"
    codec = codec_of(dialect, LIST_MODELS)

    told = codec.decode_response({key: copy.deepcopy(odd)}, {}, host_of(dialect))

    assert told.models == ()
    assert codec.encode_response(told).body[key] == odd


@pytest.mark.parametrize("created", [0, 1, -5, 10**15, True, "2026", 1.5])
def test_a_moment_that_is_none_is_unknown_and_kept(created: Any) -> None:
    page = {"object": "list", "data": [{"id": "a", "object": "model", "created": created}]}

    (model,) = codec_of(CHAT, LIST_MODELS).decode_response(copy.deepcopy(page), {}, host_of(CHAT)).models

    assert model.created is None
    assert answered(CHAT, LIST_MODELS, copy.deepcopy(page)) == (page, page)
