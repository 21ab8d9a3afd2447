"""`offramp.toml`: every mistake is one error that names file, line, key and mend."""

from collections.abc import Callable
from pathlib import Path

import pytest

from offramp import AsyncClient, ConfigurationError, OfframpError, load_config
from offramp.config import endpoint_of
from support.deployment import write_deployment


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ("schema = 1", "schema = 1\nstat = 'x'", "stat: unknown key"),
        ('route = ["a", "b"]', 'route = "a"', "missions.triage.route: input should be a list"),
        ("[missions.triage]", "[missions]\nother = 3\n[missions.triage]", "missions.other: input should be a table"),
        ('model = "claude', 'modle = "claude', "modle"),
        ('route = ["a", "b"]', 'route = ["a", "c"]', "'c'"),
        ('route = ["a", "b"]', "route = []", "route"),
        ('route = ["a", "b"]', 'route = ["a"]\nmax_loss = "some"', "max_loss"),
        ('route = ["a", "b"]', 'route = ["a"]\nrequires = ["magic"]', "requires"),
        ("[missions.triage]", "[missions.triage", "not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(path: Path, old: str, new: str, named: str):
    changed(path, old, new)

    with pytest.raises(ConfigurationError) as caught:
        load_config(path)

    assert named in str(caught.value)
    assert "offramp.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('vendor = "anthropic"', 'vendor = "antropic"', "endpoints.a.vendor: there is no vendor 'antropic'"),
        ('state = "sqlite:state.db"', 'state = "sqlit:state.db"', "sqlit"),
        ('state = "sqlite:state.db"', 'state = "postgres://x:PASSWORD@y/z"', "postgres"),
        ("[missions.triage]", '[ledger]\nurl = "mongo:x"\n[missions.triage]', "mongo"),
    ],
)
def test_what_cannot_be_opened_is_named(path: Path, old: str, new: str, named: str):
    changed(path, old, new)

    with pytest.raises(OfframpError) as caught:
        AsyncClient.from_file(path)

    assert named in str(caught.value)
    assert "PASSWORD" not in str(caught.value)


async def test_a_missing_key_names_its_variable_and_nothing_is_sent(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    changed(path, 'developer = "acme"', 'developer = "acme"\nkey.env = "NO_SUCH_KEY"')

    async with AsyncClient.from_file(path) as client:
        with pytest.raises(ConfigurationError, match="NO_SUCH_KEY"):
            await client.mission("triage").generate("hello")


@pytest.mark.parametrize("missing", ["triage.toml", "org.toml", "acme.toml"])
async def test_a_missing_policy_file_denies_and_is_named(path: Path, missing: str):
    (path.parent / missing).unlink()

    async with AsyncClient.from_file(path) as client:
        with pytest.raises(OfframpError) as caught:
            await client.mission("triage").generate("hello")

    assert missing in str(caught.value)


def test_an_endpoint_is_what_the_file_says_of_it(path: Path):
    changed(
        path,
        'developer = "acme"',
        'developer = "acme"\nregion = "eu"\naccount = "x"\nserved_as = ["other-*"]\nbase_url = "http://127.0.0.1:1/"\n'
        "deadlines.idle_s = 5",
    )

    endpoint = endpoint_of(load_config(path), "a")

    assert (endpoint.identity.developer, endpoint.identity.region, endpoint.identity.account) == ("acme", "eu", "x")
    assert endpoint.base_url == "http://127.0.0.1:1"
    assert endpoint.deadlines.idle_s == 5
    assert endpoint.deadlines.connect_s == 10
    assert endpoint.facts is not None
    assert "other-*" in endpoint.facts.served_as


def test_a_key_file_is_read_at_each_use(path: Path, tmp_path: Path):
    key: Callable[[], str | None]
    (tmp_path / "key").write_text("one\n")
    changed(path, 'developer = "acme"', 'developer = "acme"\nkey.file = "key"')
    key = endpoint_of(load_config(path), "a").key

    first = key()
    (tmp_path / "key").write_text("two\n")

    assert (first, key()) == ("one", "two")


def test_a_key_from_two_places_is_refused(path: Path):
    changed(path, 'developer = "acme"', 'developer = "acme"\nkey.file = "key"\nkey.env = "KEY"')

    with pytest.raises(ConfigurationError, match="one place"):
        endpoint_of(load_config(path), "a")
