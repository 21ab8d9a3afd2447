"""What tests of operations share: a dialect's codec, a host, and recorded traffic through both."""

import copy
from typing import Any

from offramp.contracts.dialect import Dialect, OperationCodec, Target
from offramp.contracts.operations import AskedT, Operation, ToldT
from offramp.types import Origin


def codec_of(dialect: Dialect, operation: Operation[AskedT, ToldT]) -> OperationCodec[AskedT, ToldT]:
    """How the dialect asks this; fails where it does not."""
    codec = dialect.codec(operation)
    assert codec is not None
    return codec


def host_of(dialect: Dialect, model: str | None = None) -> Origin:
    """A host that speaks it."""
    return Origin(developer="d", host="h", dialect=dialect.name, model=model)


def asked(dialect: Dialect, operation: Operation[Any, Any], recording: dict[str, Any]) -> tuple[Any, Any]:
    """A recorded request as it was, and as it comes out."""
    codec, request = codec_of(dialect, operation), recording["request"]
    before = copy.deepcopy(request["body"])
    headers = {**{key.lower(): each for key, each in request["headers"].items()}, ":path": request["path"]}
    decoded = codec.decode_request(request["body"], headers, host_of(dialect))
    encoded = codec.encode_request(decoded, Target(origin=host_of(dialect)))
    assert encoded.losses == ()
    assert request["path"].partition("?")[0].endswith(encoded.path.partition("?")[0])
    return before, encoded.body


def answered(dialect: Dialect, operation: Operation[Any, Any], body: dict[str, Any]) -> tuple[Any, Any]:
    """An answer as it was, and as it comes out."""
    codec = codec_of(dialect, operation)
    before = copy.deepcopy(body)
    encoded = codec.encode_response(codec.decode_response(body, {}, host_of(dialect)))
    assert encoded.losses == ()
    return before, encoded.body
