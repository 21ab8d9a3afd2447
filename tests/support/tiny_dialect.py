"""A dialect of a few keys, for tests of what stands around dialects."""

from collections.abc import Mapping
from typing import Any

from offramp.contracts.dialect import Dialect, EncodedRequest, EncodedResponse, Target
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    AnyResponse,
    Batch,
    GenerateRequest,
    JsonMapping,
    KeepAlive,
    Loss,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    PartStart,
    Response,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    RoutingField,
    Severity,
    Text,
    TextDelta,
    Wire,
    WireEvent,
    user,
)

LOST = Loss(code="cache", path="cache", action="dropped", severity=Severity.COSMETIC, why="tiny has none")
DECODE_LOST = Loss(code="name", path="name", action="dropped", severity=Severity.COSMETIC, why="tiny has none")


def _encode_request(request: GenerateRequest, target: Target) -> EncodedRequest:
    body: dict[str, Any] = {"model": request.model or target.origin.model, "text": request.messages[-1].text}
    if request.stream is not None:
        body["stream"] = request.stream
    if request.temperature is not None:
        body["temperature"] = request.temperature
    losses = (LOST,) if request.cache else ()
    return EncodedRequest(path="/tiny", body=body, headers={"X-Tiny": "1"}, losses=losses)


def _decode_request(body: JsonMapping, headers: Mapping[str, str], origin: Origin) -> GenerateRequest:
    left = dict(body)
    routing = tuple(
        RoutingField(dialect="tiny", name=name, raw=left.pop(name))
        for name in ("fallbacks", "provider")
        if name in left
    )
    left.pop("top_k", None)
    nested = left.get("reasoning")
    if isinstance(nested, dict):
        left["reasoning"] = {key: content for key, content in nested.items() if key != "effort"}
    return GenerateRequest(
        (user(str(left.pop("text", ""))),),
        model=left.pop("model", None),
        stream=left.pop("stream", None),
        temperature=left.pop("temperature", None),
        routing=routing,
        wire=Wire(dialect="tiny", fields=left),
    )


def _decode_response(body: JsonMapping, headers: Mapping[str, str], origin: Origin) -> AnyResponse:
    message = Message("assistant", (Text(str(body["text"])),), origin=origin)
    return Response(message, Outcome(OutcomeKind.COMPLETED), origin=origin, losses=(DECODE_LOST,))


class _Decoder:
    def __init__(self, _headers: Mapping[str, str], origin: Origin) -> None:
        self.origin = origin
        self.ended = False

    def decode(self, event: WireEvent) -> Batch:
        """One key, one event."""
        if isinstance(event.data, str):
            return Batch((KeepAlive(),), wire=Wire(dialect="tiny", fields={"raw": event.data}))
        match event.data:
            case {"start": _}:
                return Batch((ResponseStart(origin=self.origin), PartStart(0, Text("")))[: event.data["start"]])
            case {"text": text}:
                return Batch((TextDelta(0, text),))
            case {"stop": word}:
                self.ended = True
                return Batch((ResponseEnd(Outcome(OutcomeKind.COMPLETED, raw=word)),))
            case {"error": code}:
                self.ended = True
                error = ProviderError("busy", kind=ProviderErrorKind.OVERLOADED, vendor_code=code, phase="mid_stream")
                return Batch((ResponseFailed(error),))
            case _:
                return Batch((KeepAlive(),))

    def finish(self) -> Batch:
        """The end of the bytes."""
        if self.ended:
            return Batch(())
        error = ProviderError("no outcome", kind=ProviderErrorKind.STREAM_INTERRUPTED, phase="mid_stream")
        return Batch((ResponseFailed(error),))


def _decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    code = body.get("error") if isinstance(body, dict) else None
    kind = ProviderErrorKind.RATE_LIMITED if status == 429 else ProviderErrorKind.SERVER
    return ProviderError("the vendor said no", kind=kind, status=status, vendor_code=code, body=body)


def _unused(*_: object) -> Any:
    raise NotImplementedError


TINY = Dialect(
    name="tiny",
    framing="sse",
    encode_request=_encode_request,
    decode_request=_decode_request,
    encode_response=lambda response: EncodedResponse(body={"text": response.text}),
    decode_response=_decode_response,
    stream_encoder=_unused,
    stream_decoder=_Decoder,
    encode_error=_unused,
    decode_error=_decode_error,
)
