"""Google Cloud: two developers' models at one host, by region and project, under a token that ends within the hour."""

import copy
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp._keys import CommandKey
from offramp.catalog import load_profile, policy_text
from offramp.contracts.operations import COUNT_TOKENS, LIST_MODELS
from offramp.errors import ConfigurationError, Unsupported
from offramp.types import GenerateRequest, ListModels, user
from offramp_providers.dialects.gemini import DIALECT as GEMINI
from offramp_providers.dialects.gemini.options import OPTIONS
from offramp_providers.http_provider import HttpProvider
from support.cassettes import recordings

Make = Callable[..., Any]
ASKED = GenerateRequest((user("hi"),))
STREAMED = GenerateRequest((user("hi"),), stream=True)
PLACE: dict[str, Any] = {"region": "europe-west4", "account": "my-project"}


def lost(call: Any) -> list[tuple[str, str]]:
    return [(loss.code, loss.path) for loss in call.losses]


def claude(endpoint: Make, **table: Any) -> Any:
    return endpoint("vertex-claude", "claude-opus-4-1@20250805", **{**PLACE, **table})


def test_gemini_is_asked_in_its_region_and_project_with_a_bearer_token(endpoint: Make, prepare: Make):
    call = prepare(endpoint("vertex", "gemini-2.5-flash", **PLACE), ASKED)

    assert call.http.headers["authorization"] == "Bearer made-up"
    assert call.http.url == (
        "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/my-project/locations/europe-west4"
        "/publishers/google/models/gemini-2.5-flash:generateContent"
    )


@pytest.mark.parametrize(
    ("request_", "method", "streamed"), [(ASKED, "rawPredict", None), (STREAMED, "streamRawPredict", True)]
)
def test_claude_is_asked_with_model_and_version_where_the_host_looks(
    request_: Any, method: str, streamed: Any, endpoint: Make, prepare: Make
):
    call = prepare(claude(endpoint), request_)

    body = json.loads(call.http.body)
    assert call.http.url == (
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/my-project/locations/europe-west4"
        f"/publishers/anthropic/models/claude-opus-4-1@20250805:{method}"
    )
    assert (body["anthropic_version"], body.get("stream"), "model" in body) == ("vertex-2023-10-16", streamed, False)
    assert call.http.headers["authorization"] == "Bearer made-up"
    assert {"anthropic-version", "x-api-key"}.isdisjoint(call.http.headers)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("us-east5", "us-east5-aiplatform.googleapis.com"),
    ],
)
@pytest.mark.parametrize("vendor", ["vertex", "vertex-claude"])
def test_the_region_chooses_the_address(vendor: str, region: str, host: str, endpoint: Make):
    address = endpoint(vendor, region=region, account="p").base_url

    assert address.startswith(f"https://{host}/v1")
    assert f"/projects/p/locations/{region}/" in address


def test_a_sovereign_address_is_given_whole(endpoint: Make):
    own = "https://aiplatform.example.gov/v1/projects/p/locations/l/publishers/google"

    assert endpoint("vertex", region="l", base_url=own).base_url == own


@pytest.mark.parametrize(
    "table",
    [{}, {"region": "eu"}, {"account": "p"}, {"region": "a/b", "account": "p"}, {"region": "eu", "account": "?"}],
)
def test_an_address_with_a_place_left_open_is_named_with_what_is_missing(table: Any, endpoint: Make):
    with pytest.raises(ConfigurationError, match="differs by customer") as caught:
        endpoint("vertex-claude", **table)

    assert ("region" in str(caught.value.mend)) == (table.get("region") in (None, "a/b"))
    assert ("account" in str(caught.value.mend)) == (table.get("account") in (None, "?"))


def test_all_that_is_missing_of_an_address_is_asked_for_together(endpoint: Make):
    with pytest.raises(ConfigurationError) as caught:
        endpoint("vertex-claude")

    assert str(caught.value.mend).startswith('add region = "…" and account = "…", or base_url = "https://…"')


def test_orders_and_terms_of_developer_host_and_region_bind_it(endpoint: Make):
    gemini, opus = endpoint("vertex", **PLACE).identity, claude(endpoint).identity

    assert (gemini.developer, gemini.host, gemini.region, gemini.account) == (
        "google", "vertex", "europe-west4", "my-project",
    )  # fmt: skip
    assert (opus.developer, opus.host) == ("anthropic", "vertex")


def test_terms_that_nobody_has_read_are_not_shipped():
    assert policy_text("vertex") is policy_text("vertex-claude") is None


def test_gemini_names_only_options_that_the_dialect_knows():
    profile = load_profile("vertex")

    named = {*profile.options, *(name for facts in profile.models.values() for name in facts.options)}
    assert named <= OPTIONS.keys()


def test_claudes_tokens_are_counted_at_a_path_without_a_model(endpoint: Make):
    provider = HttpProvider(claude(endpoint))

    call = provider.prepare_operation(COUNT_TOKENS, ASKED)

    assert call.http.url.endswith("/publishers/anthropic/models/count-tokens:rawPredict")
    assert json.loads(call.http.body)["model"] == "claude-opus-4-1@20250805"
    with pytest.raises(Unsupported):
        provider.prepare_operation(LIST_MODELS, ListModels())


def test_recorded_counts_of_google_cloud_are_asked_as_they_were(endpoint: Make):
    compared = 0
    for each in recordings("gemini.countTokens"):
        if each["vendor"] != "vertex":
            continue
        model = each["request"]["path"].rpartition("/")[2].partition(":")[0]
        provider = HttpProvider(endpoint("vertex", model, **PLACE))
        headers = {":path": each["request"]["path"]}
        codec = provider._codec(COUNT_TOKENS)
        request = codec.decode_request(each["request"]["body"], headers, provider.endpoint.origin)

        call = provider.prepare_operation(COUNT_TOKENS, request)

        assert json.loads(call.http.body) == each["request"]["body"], each["id"]
        assert call.losses == ()
        compared += 1
    assert compared >= 3


@pytest.mark.parametrize(("api", "least"), [("gemini.generateContent", 50), ("gemini.streamGenerateContent", 7)])
def test_recorded_requests_to_google_cloud_go_to_their_address_as_they_were(
    api: str, least: int, endpoint: Make, prepare: Make
):
    compared = 0
    for each in recordings(api):
        asked = each.get("request") or {}
        if each["vendor"] != "vertex" or not asked.get("body"):
            continue
        place, _, rest = asked["path"].partition("/models/")
        whom = endpoint("vertex", rest.partition(":")[0], base_url=f"https://{asked['host']}{place}", region="r")
        request = GEMINI.decode_request(copy.deepcopy(asked["body"]), {":path": asked["path"]}, whom.origin)

        call = prepare(whom, request)

        assert (json.loads(call.http.body), lost(call)) == (asked["body"], []), each["id"]
        assert call.http.url.partition("?")[0] == f"https://{asked['host']}{asked['path']}".partition("?")[0]
        compared += 1
    assert compared >= least


# A key that ends within the hour.


class Hours:
    """A clock that stands still unless told."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


def counting(folder: Path, *, fails: bool = False) -> list[str]:
    """A command that prints how often it was run."""
    runs, flag = folder / "runs", folder / "fails"
    flag.write_text("yes" if fails else "")
    script = (
        f"import pathlib, sys; r = pathlib.Path({str(runs)!r}); r.open('a').write('x');"
        f"sys.exit('SECRET') if pathlib.Path({str(flag)!r}).read_text() else print(f'token-{{len(r.read_text())}}')"
    )
    return [sys.executable, "-c", script]


def key_of(command: list[str], clock: Hours | None = None, **more: Any) -> CommandKey:
    return CommandKey(
        command, where="e.key", **{"lifetime_s": 100.0, "timeout_s": 30.0, "now": clock or Hours(), **more}
    )


def test_a_commands_key_is_kept_while_it_is_good(tmp_path: Path):
    clock = Hours()
    key = key_of(counting(tmp_path), clock)

    assert (key(), key()) == ("token-1", "token-1")
    clock.at_s = 79.0
    assert key() == "token-1"


def test_a_commands_key_is_fetched_anew_before_it_ends(tmp_path: Path):
    clock = Hours()
    key = key_of(counting(tmp_path), clock)
    key()
    clock.at_s = 96.0

    assert key() == "token-2"


def test_the_next_key_is_fetched_beside_the_calls_while_the_last_is_good(tmp_path: Path):
    clock = Hours()
    key = key_of(counting(tmp_path), clock)
    key()
    clock.at_s = 85.0

    assert key() == "token-1"
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon and "_renew_quietly" in thread.name:
            thread.join(30)
    assert key() == "token-2"


def test_a_renewal_that_fails_leaves_the_last_key_to_its_end(tmp_path: Path):
    clock = Hours()
    key = key_of(counting(tmp_path), clock)
    key()
    counting(tmp_path, fails=True)
    clock.at_s = 85.0

    assert key() == "token-1"
    clock.at_s = 96.0
    with pytest.raises(ConfigurationError, match="ended with the status 1"):
        key()


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (["no-such-program-anywhere"], "cannot be run"),
        ([sys.executable, "-c", "import sys; print('SECRET'); sys.exit('SECRET')"], "ended with the status 1"),
        ([sys.executable, "-c", "pass"], "printed nothing"),
        ([sys.executable, "-c", "input('SECRET')"], "ended with the status 1"),
    ],
)
def test_a_command_that_gives_no_key_is_named_without_a_word_of_its_output(
    command: list[str], what: str, capfd: pytest.CaptureFixture[str]
):
    with pytest.raises(ConfigurationError, match=what) as caught:
        key_of(command)()

    assert caught.value.mend
    assert "SECRET" not in f"{caught.value}{capfd.readouterr()}"


def test_a_command_that_does_not_end_is_ended():
    with pytest.raises(ConfigurationError, match=r"did not end within 0\.2 s"):
        key_of([sys.executable, "-c", "import threading; threading.Event().wait()"], timeout_s=0.2)()


def test_no_shell_reads_a_command(tmp_path: Path):
    key = key_of([sys.executable, "-c", "import sys; print(sys.argv[1])", f"$(touch {tmp_path}/x);`id`|&"])

    assert key() == f"$(touch {tmp_path}/x);`id`|&"
    assert not (tmp_path / "x").exists()


def test_an_endpoint_asks_its_command_for_the_key(endpoint: Make, prepare: Make, tmp_path: Path):
    at_cloud = endpoint("vertex", **PLACE, key={"command": counting(tmp_path), "lifetime_s": 1800})

    assert prepare(at_cloud, ASKED).http.headers["authorization"] == "Bearer token-1"


@pytest.mark.parametrize("source", [{}, {"env": "A", "command": ["a"]}, {"file": "f", "command": ["a"]}])
def test_a_key_comes_from_one_place(source: Any, endpoint: Make):
    with pytest.raises(ConfigurationError, match="one place"):
        endpoint("vertex", **PLACE, key=source)


def test_a_command_is_not_given_the_standard_input():
    inner = "import sys; print(sys.stdin.read())"
    command = [sys.executable, "-c", inner]
    outer = f"from offramp._keys import CommandKey; CommandKey({command!r}, where='w', lifetime_s=9, timeout_s=30)()"

    ran = subprocess.run([sys.executable, "-c", outer], input="SECRET", capture_output=True, text=True, check=False)

    assert "printed nothing" in ran.stderr
    assert "SECRET" not in ran.stderr
