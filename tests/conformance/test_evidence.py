"""A signed report: another implementation accepts it, and whatever was changed in it is told."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from offramp.cli.app import run
from offramp.ed25519 import PrivateKey, make_key_pair, read_private_key
from offramp.errors import ConfigurationError
from offramp_conformance.conform.levels import RunLevel
from offramp_conformance.evidence.dsse import PAYLOAD_TYPE, key_id, seal
from offramp_conformance.evidence.statement import statement
from offramp_conformance.evidence.verifying import ENVELOPE, REPORT, Demanded, verify

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def key(tmp_path: Path) -> PrivateKey:
    make_key_pair(tmp_path / "ann.key")
    return read_private_key(tmp_path / "ann.key", needed_for="tests")


def report(**changes: Any) -> Any:
    verdict = {"key": "ab" * 32, "certifiable": True, "why_not": [], "expires": "2026-12-26"}
    results = [
        {"check": "text.answers", "state": "proven", "lapses": None},
        {"check": "text.lines", "state": "proven", "lapses": {"standing": "within"}},
        {"check": "text.parts", "state": "proven", "lapses": {"standing": "beyond"}},
        {"check": "text.follows", "state": "known_gap", "lapses": None},
    ]
    return {
        "schema": "offramp-conform/2",
        "at": NOW.isoformat(),
        "mission": "triage",
        "level": "contract",
        "passed": True,
        "suite": {"offramp": "0.1.0", "checks": 2, "catalogue_sha256": "cd" * 32},
        "parity": None,
        "endpoints": [{"endpoint": "a", "verdict": {**verdict, **changes.pop("verdict", {})}, "results": results}],
        **changes,
    }


def write(folder: Path, content: Any, key: PrivateKey) -> Path:
    raw = json.dumps(content).encode()
    (folder / REPORT).write_bytes(raw)
    envelope = seal(statement(content, sha256(raw).hexdigest()), key)
    (folder / ENVELOPE).write_text(json.dumps(envelope))
    return folder


def problems(folder: Path, key: PrivateKey, *, now: datetime = NOW, **demanded: Any) -> tuple[str, ...]:
    return verify(folder, [key.public], Demanded(**demanded), now=now).problems


def test_another_implementation_accepts_the_signature(key: PrivateKey):
    envelope = seal(b'{"x": 1}', key)
    keyid = key_id(key.public)
    other = SSlibKey(keyid, "ed25519", "ed25519", {"public": key.public.hex()})

    found = Envelope.from_dict(json.loads(json.dumps(envelope)))

    assert found.payload_type == PAYLOAD_TYPE
    assert found.verify([other], 1) == {keyid: other}


def test_what_was_signed_proves_itself(tmp_path: Path, key: PrivateKey):
    write(tmp_path, report(), key)

    found = verify(tmp_path, [key.public], Demanded(level="contract", max_age=timedelta(days=30)), now=NOW)

    assert found.ok
    assert (found.endpoint, found.level, found.key) == ("a", "contract", "ab" * 32)


def test_the_statement_is_one_of_in_toto(tmp_path: Path, key: PrivateKey):
    write(tmp_path, report(), key)
    payload = json.loads(base64.b64decode(json.loads((tmp_path / ENVELOPE).read_text())["payload"]))

    assert payload["_type"] == "https://in-toto.io/Statement/v1"
    assert payload["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert payload["subject"][0]["digest"] == {"sha256": sha256((tmp_path / REPORT).read_bytes()).hexdigest()}
    predicate = payload["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["passedTests"] == ["text.answers", "text.lines"]
    assert predicate["warnedTests"] == ["text.parts", "text.follows"]
    assert predicate["failedTests"] == []


@pytest.mark.parametrize(
    ("content", "demanded", "now", "word"),
    [
        (report(passed=False), {}, NOW, "did not pass"),
        (report(verdict={"why_not": ["1 known gaps"]}), {}, NOW, "known gaps"),
        (report(level="core"), {"level": "contract"}, NOW, "level is core"),
        (report(), {"max_age": timedelta(days=30)}, NOW + timedelta(days=31), "days old"),
        (report(), {}, NOW + timedelta(days=31), "expired"),
        (report(), {}, NOW - timedelta(days=1), "has not come yet"),
        (report(), {"parity": True}, NOW, "as good as"),
        (report(parity={"verdict": {"kind": "inconclusive"}}), {"parity": True}, NOW, "as good as"),
    ],
)
def test_what_it_does_not_prove_is_named(
    tmp_path: Path, key: PrivateKey, content: Any, demanded: dict[str, Any], now: datetime, word: str
):
    write(tmp_path, content, key)

    assert word in " ".join(problems(tmp_path, key, now=now, **demanded))


@pytest.mark.parametrize("levels", [("core", "core"), ("contract", "core"), ("full", "contract"), ("full", "full")])
def test_a_higher_level_proves_a_lower_one(tmp_path: Path, key: PrivateKey, levels: tuple[RunLevel, RunLevel]):
    write(tmp_path, report(level=levels[0]), key)

    assert problems(tmp_path, key, level=levels[1]) == ()


def changed_report(folder: Path) -> None:
    (folder / REPORT).write_text((folder / REPORT).read_text().replace('"level": "contract"', '"level": "full"'))


def changed_payload(folder: Path) -> None:
    envelope = json.loads((folder / ENVELOPE).read_text())
    payload = base64.b64decode(envelope["payload"]).replace(b'"level": "contract"', b'"level": "full"')
    (folder / ENVELOPE).write_text(json.dumps({**envelope, "payload": base64.b64encode(payload).decode()}))


def changed_type(folder: Path) -> None:
    (folder / ENVELOPE).write_text((folder / ENVELOPE).read_text().replace("in-toto", "other"))


def no_envelope(folder: Path) -> None:
    (folder / ENVELOPE).unlink()


def no_signature(folder: Path) -> None:
    envelope = json.loads((folder / ENVELOPE).read_text())
    (folder / ENVELOPE).write_text(json.dumps({**envelope, "signatures": []}))


def torn(folder: Path) -> None:
    (folder / ENVELOPE).write_bytes((folder / ENVELOPE).read_bytes()[:-40])


def of_another_run(folder: Path) -> None:
    """The report is another one, and its envelope stays."""
    (folder / REPORT).write_text(json.dumps(report(level="full")))


@pytest.mark.parametrize(
    "change", [changed_report, changed_payload, changed_type, no_envelope, no_signature, torn, of_another_run]
)
def test_whatever_was_changed_is_refused(tmp_path: Path, key: PrivateKey, change: Any):
    write(tmp_path, report(), key)
    change(tmp_path)

    with pytest.raises(ConfigurationError):
        problems(tmp_path, key)


def test_a_signed_statement_that_says_otherwise_than_its_report_is_refused(tmp_path: Path, key: PrivateKey):
    write(tmp_path, report(), key)
    raw = (tmp_path / REPORT).read_bytes()
    lie = statement(report(level="full"), sha256(raw).hexdigest())
    (tmp_path / ENVELOPE).write_text(json.dumps(seal(lie, key)))

    with pytest.raises(ConfigurationError, match="otherwise"):
        problems(tmp_path, key)


def test_a_strangers_signature_is_refused(tmp_path: Path, key: PrivateKey):
    make_key_pair(tmp_path / "eve.key")
    write(tmp_path, report(), read_private_key(tmp_path / "eve.key", needed_for="tests"))

    with pytest.raises(ConfigurationError, match="no trusted key"):
        problems(tmp_path, key)


def test_the_command_says_it_in_words_and_by_its_exit_code(
    tmp_path: Path, key: PrivateKey, capsys: pytest.CaptureFixture[str]
):
    today = datetime.now(UTC)
    content = report(at=today.isoformat(), verdict={"expires": (today + timedelta(days=30)).date().isoformat()})
    write(tmp_path, content, key)
    asked = ("verify-report", str(tmp_path), "--public-key", key.public_text)

    assert run((*asked, "--level", "contract", "--max-age", "30d")) == 0
    assert run((*asked, "--level", "full")) == 1
    assert run((*asked, "--level", "full", "--json")) == 1
    assert run((*asked, "--max-age", "soon")) == 2
    assert run((*asked, "--level", "deep")) == 2
    assert run(("verify-report", str(tmp_path), "--public-key", "c2hvcnQ=")) == 2

    printed = capsys.readouterr()
    assert "level is contract, and full is demanded" in printed.out
    assert printed.err.count("offramp: error:") == 3


def places(content: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a JSON value, as the keys that lead there."""
    match content:
        case dict():
            inner = list(content.items())
        case list():
            inner = list(enumerate(content))
        case _:
            inner = []
    return [(*at, key) for key, _ in inner] + [each for key, held in inner for each in places(held, (*at, key))]


@pytest.mark.parametrize("instead", [None, 7, "?", [], {}, "away"])
@pytest.mark.parametrize("place", places(report()), ids=lambda place: ".".join(map(str, place)))
def test_whatever_a_trusted_key_has_signed_is_judged_or_refused(
    tmp_path: Path, key: PrivateKey, place: tuple[Any, ...], instead: Any
):
    content = report()
    raw = json.dumps(content).encode()
    held = content
    for word in place[:-1]:
        held = held[word]
    if instead == "away":
        del held[place[-1]]
    else:
        held[place[-1]] = instead
    damaged = json.dumps(content).encode()
    digest = sha256(damaged).hexdigest()
    payload = statement(json.loads(raw), digest)
    with suppress(LookupError, TypeError, AttributeError):  # none of ours would have made it: whoever holds the key has
        payload = statement(content, digest)
    (tmp_path / REPORT).write_bytes(damaged)
    (tmp_path / ENVELOPE).write_text(json.dumps(seal(payload, key)))

    code = run(("verify-report", str(tmp_path), "--public-key", key.public_text, "--level", "core", "--max-age", "30d"))

    assert code in (0, 1, 2)  # whatever else it is, it would be a traceback
