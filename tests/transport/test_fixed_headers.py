"""Headers that many requests share are changed by nobody, and what was found out of them stays true."""

import copy
import pickle
from typing import Any

import pytest

from offramp.contracts.transport import HttpRequest, Network
from offramp.errors import ConfigurationError
from offramp_providers.fixed_headers import FixedHeaders
from offramp_providers.origin_guard import OriginGuard
from offramp_providers.request_head import fields_of

GIVEN = {"accept": "application/json", "x-api-key": "sk-1"}


@pytest.mark.parametrize(
    "change",
    [
        lambda headers: headers.update(a="b"),
        lambda headers: headers.setdefault("a", "b"),
        lambda headers: headers.pop("accept"),
        lambda headers: headers.popitem(),
        lambda headers: headers.clear(),
        lambda headers: headers.__setitem__("a", "b"),
        lambda headers: headers.__delitem__("accept"),
        lambda headers: headers.__ior__({"a": "b"}),
    ],
)
def test_nobody_changes_them(change: Any):
    headers = FixedHeaders(GIVEN)

    with pytest.raises(TypeError, match="shared by many requests"):
        change(headers)

    assert headers == GIVEN


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda headers: pickle.loads(pickle.dumps(headers))])  # noqa: S301  # our own
def test_a_copy_may_be_changed(copied: Any):
    other = copied(FixedHeaders(GIVEN))
    other["x-api-key"] = "sk-2"

    assert type(other) is dict
    assert fields_of(other) == "accept: application/json\r\nx-api-key: sk-2\r\n"


def test_their_lines_are_those_of_any_headers():
    headers = FixedHeaders(GIVEN)

    assert [fields_of(headers), fields_of(headers)] == [fields_of(GIVEN)] * 2


@pytest.mark.parametrize("odd", [{"a": "b\r\nc: d"}, {"host": "elsewhere"}, {"a b": "c"}])
def test_what_cannot_be_written_is_refused_each_time(odd: dict[str, str]):
    headers = FixedHeaders(odd)

    for _ in range(2):
        with pytest.raises(ValueError, match="cannot be written"):
            fields_of(headers)


def test_a_key_among_them_goes_nowhere_without_tls():
    guard, headers = OriginGuard(Network()), FixedHeaders(GIVEN)
    plain = HttpRequest(method="POST", url="http://vendor.example/v1", headers=headers, body=b"")
    keyless = HttpRequest(method="POST", url=plain.url, headers=FixedHeaders({"accept": "a"}), body=b"")

    assert guard.allowed(keyless, endpoint="a").host == "vendor.example"
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="without TLS"):
            guard.allowed(plain, endpoint="a")
