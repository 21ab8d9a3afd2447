"""Where a cloud serves the dialect: model, streaming, version and betas stand where the host looks for them."""

import base64
import copy
import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.contracts.profile import Option
from offramp.errors import CapabilityError
from offramp.types import GenerateRequest, Origin, WireEvent, user
from offramp_providers.dialects.anthropic_messages import DIALECT
from support.cassettes import recordings, requests

GOOGLE: Final[Mapping[str, Option]] = {
    "path": "/models/{model}:rawPredict",
    "stream_path": "/models/{model}:streamRawPredict",
    "body_version": "vertex-2023-10-16",
}
AMAZON: Final[Mapping[str, Option]] = {
    "path": "/model/{model}/invoke",
    "stream_path": "/model/{model}/invoke-with-response-stream",
    "body_version": "bedrock-2023-05-31",
    "body_betas": True,
    "body_stream": False,
}
VENDOR: Final[Mapping[str, Option]] = {}
HOSTS: Final = {"google": GOOGLE, "amazon": AMAZON, "vendor": VENDOR}
SAID: Final = {"role": "user", "content": "hi"}


def at(host: str, model: str | None = "claude-opus-5") -> Origin:
    return Origin(developer="anthropic", host=host, dialect=DIALECT.name, model=model)


def encoded(request: GenerateRequest, host: str, model: str | None = "claude-opus-5") -> EncodedRequest:
    target = Target(origin=at(host, model), default_max_output_tokens=9, options=HOSTS[host])
    return DIALECT.encode_request(request, target)


def received(call: EncodedRequest) -> GenerateRequest:
    return DIALECT.decode_request(copy.deepcopy(call.body), {**call.headers, ":path": call.path}, at("x"))


@pytest.mark.parametrize(
    ("host", "stream", "path"),
    [
        ("vendor", True, "/v1/messages"),
        ("google", None, "/models/claude-opus-5:rawPredict"),
        ("google", True, "/models/claude-opus-5:streamRawPredict"),
        ("amazon", False, "/model/claude-opus-5/invoke"),
        ("amazon", True, "/model/claude-opus-5/invoke-with-response-stream"),
    ],
)
def test_the_path_says_the_model_and_whether_the_answer_is_streamed(host: str, stream: bool | None, path: str) -> None:
    call = encoded(GenerateRequest((user("hi"),), stream=stream), host)

    assert call.path == path
    assert ("model" in call.body) == (host == "vendor")
    assert call.body.get("stream") == (None if host == "amazon" else stream)
    assert call.body.get("anthropic_version") == HOSTS[host].get("body_version")
    assert received(call).model == "claude-opus-5"
    assert bool(received(call).stream) == bool(stream)


def test_a_model_stays_one_segment_of_the_path() -> None:
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a"

    call = encoded(GenerateRequest((user("hi"),)), "amazon", arn)

    assert call.path == "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fa/invoke"
    assert received(call).model == arn


def test_a_date_behind_a_model_is_not_quoted() -> None:
    assert encoded(GenerateRequest((user("hi"),)), "google", "claude-x@20260101").path == (
        "/models/claude-x@20260101:rawPredict"
    )


@pytest.mark.parametrize("model", [None, "", ".", ".."])
def test_a_path_without_a_model_is_refused(model: str | None) -> None:
    with pytest.raises(CapabilityError) as caught:
        encoded(GenerateRequest((user("hi"),)), "amazon", model)

    assert caught.value.mend


def test_a_stream_that_neither_body_nor_path_asks_for_is_named() -> None:
    target = Target(origin=at("x"), default_max_output_tokens=9, options={"body_stream": False})

    losses = DIALECT.encode_request(GenerateRequest((user("hi"),), stream=True), target).losses

    assert [(loss.code, loss.path) for loss in losses if loss.path == "stream"] == [("setting.unsupported", "stream")]


@pytest.mark.parametrize("source", HOSTS)
@pytest.mark.parametrize("host", HOSTS)
def test_betas_stand_where_the_host_looks_for_them(source: str, host: str) -> None:
    asked: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [SAID]}
    first = DIALECT.decode_request(asked, {"anthropic-beta": "a,b"}, at("vendor"))
    there = received(encoded(first, source))

    call = encoded(there, host)

    assert call.body.get("anthropic_beta") == (["a", "b"] if host == "amazon" else None)
    assert call.headers == ({} if host == "amazon" else {"anthropic-beta": "a,b"})
    assert call.losses == ()


def test_betas_of_header_and_body_are_joined() -> None:
    request = DIALECT.decode_request(
        {"max_tokens": 9, "messages": [SAID], "anthropic_beta": ["b", "c"]}, {"anthropic-beta": "a, b"}, at("amazon")
    )

    assert encoded(request, "amazon").body["anthropic_beta"] == ["a", "b", "c"]
    assert encoded(request, "vendor").headers == {"anthropic-beta": "a, b,c"}


@pytest.mark.parametrize("odd", [[], ["a,b"], [1], "a", None, {}])
def test_betas_of_another_shape_stay_as_they_were(odd: Any) -> None:
    body = {"max_tokens": 9, "messages": [SAID], "anthropic_beta": odd, "anthropic_version": "bedrock-2023-05-31"}

    call = encoded(DIALECT.decode_request(body, {}, at("amazon")), "amazon")

    assert call.body == body


def test_a_version_that_its_author_chose_goes_to_such_a_host_only() -> None:
    body = {"max_tokens": 9, "messages": [SAID], "anthropic_version": "vertex-2030-01-01"}
    request = DIALECT.decode_request(body, {":path": "/models/m:rawPredict"}, at("google"))

    there, home = encoded(request, "google"), encoded(request, "vendor")

    assert (there.body, there.losses) == (body, ())
    assert "anthropic_version" not in home.body
    assert home.headers == {}
    assert [(loss.code, loss.path) for loss in home.losses] == [("vendor_header", "wire.headers.anthropic-version")]


def test_the_vendors_own_version_does_not_go_to_a_cloud() -> None:
    body: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [SAID]}
    request = DIALECT.decode_request(body, {"anthropic-version": "2030-01-01"}, at("vendor"))

    call = encoded(request, "google")

    assert call.body["anthropic_version"] == "vertex-2023-10-16"
    assert [loss.code for loss in call.losses] == ["vendor_header"]


@given(
    source=st.sampled_from(sorted(HOSTS)),
    host=st.sampled_from(sorted(HOSTS)),
    stream=st.sampled_from([None, True, False]),
    betas=st.lists(st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True), max_size=3, unique=True),
    model=st.text(min_size=1, max_size=12).filter(lambda name: name.strip(".") != ""),
)
def test_from_any_host_to_any_other_nothing_is_lost(
    source: str, host: str, stream: bool | None, betas: list[str], model: str
) -> None:
    asked: dict[str, Any] = {"model": model, "max_tokens": 9, "messages": [SAID]}
    asked |= {} if stream is None else {"stream": stream}
    headers = {"anthropic-beta": ",".join(betas)} if betas else {}
    first = DIALECT.decode_request(asked, headers, at("vendor"))

    there = encoded(first, source)
    home = encoded(received(encoded(received(there), host)), "vendor")

    assert there.losses == home.losses == ()
    assert home.body.pop("stream", None) in ({stream} if stream else {stream, None})
    assert home.body == {key: content for key, content in asked.items() if key != "stream"}
    assert home.headers == headers


# Recorded at Amazon Bedrock.

ANSWERS, STREAMS = "bedrock.invoke", "bedrock.invoke-with-response-stream"


def is_claude(recording: dict[str, Any]) -> bool:
    return "anthropic_version" in ((recording.get("request") or {}).get("body") or {})


@pytest.mark.parametrize(("api", "least"), [(ANSWERS, 12), (STREAMS, 3)])
def test_every_recorded_request_to_amazon_comes_back_exactly_and_without_loss(api: str, least: int) -> None:
    exact = 0
    for name, request, body in requests(api):
        if "anthropic_version" not in body:
            continue
        kept = copy.deepcopy(body)
        decoded = DIALECT.decode_request(body, {":path": request["path"]}, at("amazon"))

        call = encoded(decoded, "amazon", None)

        assert (call.body, call.losses) == (kept, ()), name
        assert call.path == request["path"].replace("-v1:0", "-v1%3A0"), name
        exact += 1
    assert exact >= least


def test_every_recorded_answer_of_amazon_comes_back_exactly() -> None:
    exact = 0
    for each in recordings(ANSWERS):
        body = each["response"].get("json")
        if is_claude(each) and isinstance(body, dict):
            back = DIALECT.encode_response(DIALECT.decode_response(body, each["response"]["headers"], at("amazon")))

            assert (back.body, back.losses) == (body, ()), each["id"]
            exact += 1
    assert exact >= 12


def test_every_recorded_stream_of_amazon_comes_back_event_by_event() -> None:
    exact = 0
    for each in filter(is_claude, recordings(STREAMS)):
        decoder, encoder = DIALECT.stream_decoder({}, at("amazon")), DIALECT.stream_encoder()
        events = [_unwrapped(event) for event in each["response"]["events"]]

        assert [encoder.encode(decoder.decode(event)) for event in events] == [(event,) for event in events]
        exact += 1
    assert exact >= 3


def _unwrapped(event: dict[str, Any]) -> WireEvent:
    data: dict[str, Any] = json.loads(base64.b64decode(event["payload"]["bytes"]))
    return WireEvent(data=data, event=data["type"])


def test_where_tokens_are_counted_the_path_names_no_model() -> None:
    path = "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict"

    assert DIALECT.decode_request({"messages": [SAID]}, {":path": path}, at("google")).model is None
