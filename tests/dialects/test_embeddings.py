"""Embeddings, in every dialect that has them: recorded traffic comes back as it was; what cannot be said is named."""

import copy
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Dialect, Target
from offramp.contracts.operations import EMBED
from offramp.errors import CapabilityError, Unsupported
from offramp.types import (
    DataSource,
    Embedding,
    Embeddings,
    EmbedInput,
    EmbedPurpose,
    EmbedRequest,
    Media,
    Text,
    Usage,
    Wire,
)
from offramp_providers.dialects.cohere_v2 import DIALECT as COHERE
from offramp_providers.dialects.gemini import DIALECT as GEMINI
from offramp_providers.dialects.mistral import DIALECT as MISTRAL
from offramp_providers.dialects.ollama_native import DIALECT as OLLAMA
from offramp_providers.dialects.openai_chat import DIALECT as CHAT
from offramp_providers.dialects.openai_responses import DIALECT as RESPONSES
from support.cassettes import recordings
from support.operations import answered, asked, codec_of, host_of

EMBEDDERS: Final = (CHAT, RESPONSES, MISTRAL, GEMINI, COHERE, OLLAMA)
IMAGE: Final = Media(DataSource("aGk="), kind="image", media_type="image/png")


def recorded() -> list[tuple[Dialect, dict[str, Any]]]:
    """Every recorded request for embeddings, with the dialect in which its vendor was asked."""
    found = [(MISTRAL if each["vendor"] == "mistral" else CHAT, each) for each in recordings("openai.embeddings")]
    found += [(GEMINI, each) for api in ("batchEmbedContents", "embedContent") for each in recordings(f"gemini.{api}")]
    return found + [(COHERE, each) for each in recordings("cohere.embed")]


def test_every_recorded_request_comes_back_exactly() -> None:
    found = recorded()

    for dialect, each in found:
        before, after = asked(dialect, EMBED, each)
        assert after == before, each["id"]

    assert len(found) >= 26


def test_every_recorded_answer_comes_back_exactly() -> None:
    compared = 0
    for dialect, each in recorded():
        if each["response"]["status"] < 400:
            before, after = answered(dialect, EMBED, each["response"]["json"])
            assert after == before, each["id"]
            compared += 1

    assert compared >= 23


def test_every_recorded_vector_is_read_or_known_to_be_in_another_encoding() -> None:
    for dialect, each in recorded():
        if each["response"]["status"] >= 400:
            continue
        codec, request = codec_of(dialect, EMBED), each["request"]
        headers = {":path": request["path"]}
        inputs = codec.decode_request(copy.deepcopy(request["body"]), headers, host_of(dialect)).inputs
        told = codec.decode_response(copy.deepcopy(each["response"]["json"]), {}, host_of(dialect))

        encoded = each["vendor"] == "perplexity" or request["body"].get("encoding_format") == "base64"
        assert len(told.embeddings) == len(inputs), each["id"]
        assert all((one.vector is None) == encoded for one in told.embeddings), each["id"]
        assert told.usage.input_tokens or dialect is GEMINI, each["id"]


TEXTS: Final = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3)


@pytest.mark.parametrize("dialect", EMBEDDERS, ids=lambda each: each.name)
@given(texts=TEXTS, dimensions=st.none() | st.integers(1, 4096), purpose=st.sampled_from(get_args(EmbedPurpose)))
def test_what_is_asked_arrives_or_is_named(
    dialect: Dialect, texts: list[str], dimensions: int | None, purpose: EmbedPurpose
) -> None:
    if dialect is COHERE and purpose == "similarity":
        return  # refused, as another test shows
    codec = codec_of(dialect, EMBED)
    request = EmbedRequest(
        tuple(EmbedInput((Text(each),)) for each in texts), purpose=purpose, dimensions=dimensions, end_user="u"
    )

    encoded = codec.encode_request(request, Target(origin=host_of(dialect, "m")))
    back = codec.decode_request(encoded.body, {":path": encoded.path}, host_of(dialect))

    named = {loss.path for loss in encoded.losses}
    assert [each.parts[0] for each in back.inputs] == [Text(each) for each in texts]
    assert (back.model, back.dimensions) == ("m", dimensions)
    assert back.purpose == purpose or "purpose" in named
    assert back.end_user == "u" or "end_user" in named
    assert named <= {"purpose", "end_user"}


@pytest.mark.parametrize("dialect", EMBEDDERS, ids=lambda each: each.name)
@given(
    vectors=st.lists(st.lists(st.floats(-1, 1), min_size=1, max_size=3), min_size=1, max_size=3),
    tokens=st.none() | st.integers(0, 99),
)
def test_what_is_told_arrives_or_is_named(dialect: Dialect, vectors: list[list[float]], tokens: int | None) -> None:
    codec = codec_of(dialect, EMBED)
    told = Embeddings(
        tuple(Embedding(tuple(each)) for each in vectors), usage=Usage(input_tokens=tokens), origin=host_of(CHAT, "m")
    )

    encoded = codec.encode_response(told)
    back = codec.decode_response(encoded.body, {}, host_of(dialect))

    assert back.vectors == told.vectors
    assert back.usage.input_tokens == tokens
    assert back.origin is not None
    assert back.origin.model == "m" or "origin.model" in {loss.path for loss in encoded.losses}


@pytest.mark.parametrize("dialect", EMBEDDERS, ids=lambda each: each.name)
def test_what_another_vendor_wrote_is_named_and_not_sent(dialect: Dialect) -> None:
    wire = Wire(dialect="elsewhere", fields={"odd": "ODD"})
    given_ = EmbedInput((Text("a", wire=wire),), wire=wire)
    request = EmbedRequest((given_,), purpose="query", wire=wire)

    encoded = codec_of(dialect, EMBED).encode_request(request, Target(origin=host_of(dialect, "m")))

    assert "ODD" not in str(encoded.body)
    assert {"wire.fields.odd", "inputs[0].wire.fields.odd", "inputs[0].parts[0].wire.fields.odd"} <= {
        loss.path for loss in encoded.losses
    }


@pytest.mark.parametrize("dialect", [each for each in EMBEDDERS if each is not GEMINI], ids=lambda each: each.name)
def test_an_image_is_named_or_refused(dialect: Dialect) -> None:
    codec, target = codec_of(dialect, EMBED), Target(origin=host_of(dialect, "m"))
    beside = EmbedRequest((EmbedInput((Text("a"), IMAGE)),), purpose="query")

    losses = codec.encode_request(beside, target).losses

    assert ("media.unsupported", "inputs[0].parts[1]") in {(loss.code, loss.path) for loss in losses}
    with pytest.raises(CapabilityError, match="without text"):
        codec.encode_request(EmbedRequest((EmbedInput((IMAGE,)),), purpose="query"), target)


def test_gemini_embeds_a_text_and_an_image_as_one() -> None:
    request = EmbedRequest((EmbedInput((Text("a"), IMAGE)),))

    encoded = codec_of(GEMINI, EMBED).encode_request(request, Target(origin=host_of(GEMINI, "m")))

    assert encoded.losses == ()
    (one,) = encoded.body["requests"]
    assert [set(part) for part in one["content"]["parts"]] == [{"text"}, {"inlineData"}]


def test_google_cloud_embeds_one_input_at_a_time() -> None:
    codec, target = codec_of(GEMINI, EMBED), Target(origin=host_of(GEMINI, "m"), options={"embed_batch": False})
    one, two = EmbedInput((Text("a"),)), EmbedInput((Text("b"),))

    encoded = codec.encode_request(EmbedRequest((one,), purpose="query", dimensions=8), target)

    assert encoded.path == "/models/m:embedContent"
    assert encoded.body == {
        "content": {"parts": [{"text": "a"}]},
        "embedContentConfig": {"taskType": "RETRIEVAL_QUERY", "outputDimensionality": 8},
    }
    with pytest.raises(Unsupported, match="one input at a time"):
        codec.encode_request(EmbedRequest((one, two)), target)


@pytest.mark.parametrize("purpose", [None, "similarity"])
def test_cohere_must_be_told_what_they_are_for(purpose: EmbedPurpose | None) -> None:
    with pytest.raises(CapabilityError) as caught:
        codec_of(COHERE, EMBED).encode_request(
            EmbedRequest((EmbedInput((Text("a"),)),), purpose=purpose), Target(origin=host_of(COHERE, "m"))
        )

    assert "search" not in str(caught.value.mend)
    assert "query" in str(caught.value.mend)


def test_vectors_come_in_the_order_of_their_inputs() -> None:
    body = {"data": [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}], "model": "m"}

    told = codec_of(CHAT, EMBED).decode_response(body, {}, host_of(CHAT))

    assert told.vectors == ((1.0,), (2.0,))


@pytest.mark.parametrize("odd", [None, "AAAA", [], ["a"], [True], {}])
def test_what_is_no_vector_is_unknown_and_kept(odd: Any) -> None:
    body = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": odd}], "model": "m"}

    told = codec_of(CHAT, EMBED).decode_response(copy.deepcopy(body), {}, host_of(CHAT))

    assert told.vectors == ((),)
    assert codec_of(CHAT, EMBED).encode_response(told).body == body


@pytest.mark.parametrize("dialect", EMBEDDERS, ids=lambda each: each.name)
@pytest.mark.parametrize("odd", [None, "x", [1], {"float": "x"}, [["a"]]])
def test_an_answer_of_another_shape_is_kept(dialect: Dialect, odd: Any) -> None:
    key = "data" if dialect in (CHAT, RESPONSES, MISTRAL) else "embeddings"
    codec = codec_of(dialect, EMBED)

    told = codec.decode_response({key: copy.deepcopy(odd)}, {}, host_of(dialect))

    assert codec.encode_response(told).body[key] == odd or (dialect is COHERE and told.embeddings == ())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    ["data", "embedding", "embeddings", "values", "float", "index", "usage", "models", "x"]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_no_answer_of_another_shape_breaks_a_reader(found: Any) -> None:
    body = found if isinstance(found, dict) else {"data": found, "embeddings": found}

    for dialect in EMBEDDERS:
        codec = codec_of(dialect, EMBED)
        codec.encode_response(codec.decode_response(copy.deepcopy(body), {}, host_of(dialect)))


def test_what_differs_from_input_to_input_or_has_no_name_comes_back_exactly() -> None:
    path = "/v1beta/models/m:batchEmbedContents"
    call = {"functionCall": {"name": "f", "args": {}}}
    body: dict[str, Any] = {
        "requests": [
            {"model": "models/m", "content": {"parts": [{"text": "a"}]}, "taskType": "RETRIEVAL_QUERY"},
            {"model": "models/m", "content": {"parts": [{"text": "b"}]}, "taskType": "CLUSTERING", "title": "t"},
            {"model": "models/m", "content": {"parts": [{"text": "c"}, call]}, "outputDimensionality": 3},
            {"content": {"parts": [{"text": "d"}], "role": "user"}},
        ],
        "more": 1,
    }
    codec = codec_of(GEMINI, EMBED)

    request = codec.decode_request(copy.deepcopy(body), {":path": path}, host_of(GEMINI))
    encoded = codec.encode_request(request, Target(origin=host_of(GEMINI)))

    assert (encoded.body, encoded.losses) == (body, ())
    assert [len(each.parts) for each in request.inputs] == [1, 1, 0, 1]
    assert (request.purpose, request.dimensions) == (None, None)


def test_a_single_input_cannot_ask_for_another_model() -> None:
    body = {"requests": [{"model": "models/other", "content": {"parts": [{"text": "a"}]}}]}
    codec = codec_of(GEMINI, EMBED)

    request = codec.decode_request(body, {":path": "/v1beta/models/m:batchEmbedContents"}, host_of(GEMINI))
    encoded = codec.encode_request(request, Target(origin=host_of(GEMINI)))

    assert encoded.body["requests"][0]["model"] == "models/m"
    assert [loss.path for loss in encoded.losses] == ["inputs[0].wire.fields.model"]
