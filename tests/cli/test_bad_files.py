"""Whatever is wrong with a file that a user has written ends in one line or in a finding, never in a traceback."""

import copy
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp import Client, OfframpError
from offramp.toml_writing import toml_of

Call = Callable[..., Any]
Place = tuple[str | int, ...]

SECRET = "k-very-secret"
MORE = """
[endpoints.mine]
vendor = "azure-openai"
model = "m"
base_url = "https://mine.example/openai/v1?api-version=1"
key.command = ["true"]
deadlines = { connect_s = 1.0, total_s = 2 }
claims.tools = { support = "native", evidence = { level = "declared", checked = 2026-11-26 } }
tls = { ca = "ca.pem" }
proxy = "http://127.0.0.1:9"
proxy_login.env = "ANTHROPIC_API_KEY"

[missions.other]
declaration = "plain.toml"
route = ["anthropic", "mine"]
weights = { anthropic = 0.5, mine = 0.5 }
needs = { context_tokens = 1000, images = { count = 2 } }
"""
ODD: list[Any] = [
    *(0, -1, 1.5, float("inf"), float("nan"), 10**30, True, date(1, 1, 1), date(9999, 12, 31)),
    *([], {}, [[]], [{}], {"x": 1}, ["a", "a"]),
    *("", "x" * 300, "\u202e", "\x7f", "\0", "a:b:c", "endpoint:", "*", "gen.*", "../..", "/dev/null", "/", "."),
    *("http://", "http://[::1", "sqlite:", "memory:", "postgres://x"),
]
WITH_SECRET = f"https://u:{SECRET}@h/"  # where policy has a word, it is quoted; an address never is
COMMANDS = (
    ("check", "--no-network"),
    ("check", "--no-network", "--without", "developer:anthropic", "--json"),
    ("policy", "check"),
    ("policy", "explain", "plain"),
    ("policy", "diff", "anthropic", "openai"),
    ("match", "plain"),
    ("models", "mine"),
    ("status",),
    ("sessions",),
)


@pytest.fixture
def files(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A configuration that is sound, by the names of its files."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    offramp("init", "--vendor", "anthropic", "--vendor", "openai")
    offramp("policy", "new", "cohere")
    (tmp_path / "offramp.toml").write_text((tmp_path / "offramp.toml").read_text("utf-8") + MORE, "utf-8")
    return {path.name: path.read_text("utf-8") for path in tmp_path.glob("*.toml")}


def places(content: Any, place: Place = ()) -> Iterator[Place]:
    """Where something stands, at any depth."""
    found: Any = content.items() if isinstance(content, dict) else enumerate(content)
    for key, held in found:
        yield (*place, key)
        if isinstance(held, dict | list):
            yield from places(held, (*place, key))


@st.composite
def altered(draw: st.DrawFn, text: str) -> bytes:
    """The file with a few things in it gone, misspelt or odd; or with some of its bytes gone or others between them."""
    if draw(st.integers(0, 3)) == 0:
        raw = text.encode()
        at, length = draw(st.integers(0, len(raw) - 1)), draw(st.sampled_from([0, 0, 1, 5, 60]))
        between = draw(st.binary(max_size=2) | st.sampled_from([b"'", b'"', b"[", b"}", b"\n"]))
        return raw[:at] + between + raw[at + length :]
    content = tomllib.loads(text)
    odd = [*ODD, WITH_SECRET] if "endpoints" in content else ODD
    for _ in range(draw(st.integers(1, 2))):
        spoil(draw, content, odd)
    return toml_of(content).encode()


def spoil(draw: st.DrawFn, content: dict[str, Any], odd: list[Any]) -> None:
    """One thing in it."""
    *way, last = draw(st.sampled_from(list(places(content)) or [("schema",)]))
    holder: Any = content
    for step in way:
        holder = holder[step]
    what = draw(st.sampled_from(["gone", "misspelt", "odd", "odd"]))
    if what == "odd":
        holder[last] = copy.deepcopy(draw(st.sampled_from(odd)))
    elif what == "misspelt" and isinstance(holder, dict):
        holder[f"{last}{draw(st.sampled_from(['x', ' ', 'é']))}"] = holder.pop(last)
    else:
        del holder[last]


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_spoilt_file_ends_in_one_line_or_a_finding(
    files: dict[str, str], offramp: Call, tmp_path: Path, data: st.DataObject
):
    name = data.draw(st.sampled_from([*sorted(files), "offramp.toml"]))
    for each, text in files.items():
        (tmp_path / each).write_text(text, "utf-8")
    (tmp_path / name).write_bytes(data.draw(altered(files[name])))

    ran = offramp(*data.draw(st.sampled_from(COMMANDS)))

    assert ran.code in (0, 1, 2)
    assert ran.err.count("\n") == (ran.code == 2)
    assert SECRET not in ran.out + ran.err
    opened_by_an_application(tmp_path)


def opened_by_an_application(folder: Path) -> None:
    """As the library does: it opens, or there is one error of ours."""
    try:
        with Client.from_file(folder / "offramp.toml") as client:
            client.mission("plain")
    except OfframpError as error:
        assert SECRET not in str(error)  # noqa: PT017  # an error may come and must not tell
