"""Policy files that change under a running client: taken up as one, at once, and never half of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp import Client, ConfigurationError, PolicyDenied, ProviderError, ProviderErrorKind, StateError
from offramp.contracts.scripted import ScriptedProvider
from support.deployment import rewrite, write_deployment
from support.running import LOOK_S, running
from support.scripted_answers import said
from support.signers import ALL, desk, key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")


NOT_APPROVED = ("org.toml", 'mission = "triage"', 'mission = "other"')
BROKEN = ("acme.toml", "layer = ", "layer is ")


async def test_a_stricter_file_takes_effect_for_the_next_send(path: Path):
    async with running(path) as site:
        assert await site.ask() == "yes"
        site.write(*NOT_APPROVED)

        with pytest.raises(PolicyDenied, match="does not approve"):
            await site.ask()

    assert len(site.a.calls) == 1


async def test_a_looser_file_takes_effect_too(path: Path):
    rewrite(path.with_name(NOT_APPROVED[0]), *NOT_APPROVED[1:])
    async with running(path) as site:
        with pytest.raises(PolicyDenied):
            await site.ask()
        site.write(NOT_APPROVED[0], NOT_APPROVED[2], NOT_APPROVED[1])

        assert await site.ask() == "yes"


class Overtaken(ScriptedProvider):
    """While it fails, the organisation takes its approval back."""

    meanwhile: Callable[[], None]

    async def send(self, call: Any, *, token: Any) -> Any:
        try:
            return await super().send(call, token=token)
        finally:
            self.meanwhile()


async def test_a_retry_is_decided_anew(path: Path):
    async with running(path, Overtaken) as site:
        site.a.script[:] = [ProviderError("busy", kind=ProviderErrorKind.SERVER, status=500), said("yes")]

        def meanwhile() -> None:
            site.write(*NOT_APPROVED)
            site.clock.advance(LOOK_S)

        site.a.meanwhile = meanwhile  # type: ignore[attr-defined]  # it is an Overtaken

        with pytest.raises(PolicyDenied, match="does not approve"):
            await site.mission.generate("hi")

    assert len(site.a.calls) == 1


async def test_a_file_that_cannot_be_read_is_refused_and_what_stood_before_is_kept(path: Path):
    async with running(path) as site:
        site.write(*BROKEN)

        assert await site.ask() == "yes"
        with pytest.raises(ConfigurationError, match=r"acme\.toml"):
            site.client.reload()
        assert "organisation:-:refused" in site.decisions()[-1]["reasons"]

        site.write(BROKEN[0], BROKEN[2], BROKEN[1])
        assert await site.ask() == "yes"
        assert "organisation:-:refused" not in site.decisions()[-1]["reasons"]


async def test_a_stricter_file_beside_a_broken_one_waits_for_it_and_takes_effect_then(path: Path):
    async with running(path) as site:
        site.write(*BROKEN)
        site.write(*NOT_APPROVED)
        assert await site.ask() == "yes"

        site.write(BROKEN[0], BROKEN[2], BROKEN[1])
        with pytest.raises(PolicyDenied, match="does not approve"):
            await site.ask()


@pytest.mark.parametrize("name", ["org.toml", "acme.toml", "triage.toml"])
async def test_a_file_that_was_taken_away_denies(name: str, path: Path):
    async with running(path) as site:
        assert await site.ask() == "yes"
        (site.folder / name).unlink()

        with pytest.raises(PolicyDenied):
            await site.ask()


@pytest.fixture
def signed_path(path: Path) -> Path:
    """With signers: acme's terms are signed, the other files are not."""
    write_signers(path.parent, "ann")
    text = path.read_text("utf-8")
    path.write_text(text.replace("schema = 1", 'schema = 1\nsigners = "signers.toml"'), "utf-8")
    desk(path.parent).sign(path.with_name("acme.toml"), "ann")
    return path


def write_signers(folder: Path, *names: str) -> None:
    made = [
        f'[signers.{name}]\npublic_key = "{key(name)[1]}"\nvalid_until = 2030-01-01\nroles = {list(ALL)}\n'
        for name in names
    ]
    (folder / "signers.toml").write_text("\n".join(made).replace("'", '"'), "utf-8")


BEYOND_THE_SIGNATURE = ("acme.toml", "confidence", "# put in\nconfidence")


@pytest.mark.parametrize(
    "harm",
    [
        ("org.toml", "layer = ", "layer is "),
        ("acme.toml", "layer = ", "layer is "),
        BEYOND_THE_SIGNATURE,
        ("acme.toml.sig", '"revision": 1', '"revision": 0'),
        ("acme.toml.sig", '"by": "ann"', '"by": "nobody"'),
    ],
)
async def test_with_signers_a_refused_file_gives_way_to_the_last_good_one(
    harm: tuple[str, str, str], signed_path: Path
):
    async with running(signed_path) as site:
        assert await site.ask() == "yes"
        site.write(*harm)

        assert await site.ask() == "yes"
        assert "organisation:-:refused" in site.decisions()[-1]["reasons"]
        with pytest.raises(ConfigurationError, match=harm[0].removesuffix(".sig")):
            site.client.reload()


async def test_with_signers_the_last_good_one_is_kept_although_the_memory_is_lost(signed_path: Path):
    async with running(signed_path) as site:
        assert await site.ask() == "yes"
        (site.folder / "state.db.policy.json").write_text("{}")
        site.write(*BEYOND_THE_SIGNATURE)

        assert await site.ask() == "yes"
        assert "organisation:-:refused" in site.decisions()[-1]["reasons"]


async def test_what_was_signed_by_who_may_sign_no_more_denies_at_once(signed_path: Path):
    async with running(signed_path) as site:
        assert await site.ask() == "yes"
        write_signers(site.folder, "ben")

        with pytest.raises(PolicyDenied, match="not among those who may sign"):
            await site.ask()


async def test_where_nothing_can_be_read_it_is_tried_again_although_no_file_has_changed(path: Path):
    async with running(path) as site:
        site.write(*NOT_APPROVED)
        readable, site.client._parts.book._read = site.client._parts.book._read, broken_store
        assert await site.ask() == "yes"
        site.client._parts.book._read = readable

        site.clock.advance(1)
        with pytest.raises(PolicyDenied, match="does not approve"):
            await site.ask()


def broken_store() -> Any:
    raise StateError("another process holds the lock", where="state.db")


async def test_a_reload_is_told_by_the_blocking_client_too(path: Path):
    rewrite(path.with_name("org.toml"), "layer = ", "layer is ")

    with Client.from_file(path) as client:
        client.reload()  # what could not be read at the start denies already, and is no news
        rewrite(path.with_name("bolt.toml"), "layer = ", "layer is ")
        with pytest.raises(ConfigurationError, match=r"bolt\.toml"):
            client.reload()


async def test_a_turn_is_labelled_with_the_declaration_that_it_was_decided_under(path: Path):
    async with running(path) as site:
        session = site.mission.session("case")
        site.a.script[:] = [said("one")]
        await session.run("first")
        site.write("triage.toml", '"gen.search"', '"gen.search", "gen.analysis"')
        site.clock.advance(LOOK_S)

        site.a.script[:] = [said("two")]
        with pytest.raises(PolicyDenied, match="under a declaration that is not known here"):
            await session.run("second")

        site.a.script[:] = [said("three")]
        other = site.mission.session("other")
        await other.run("third")
        site.write("triage.toml", '"gen.search", "gen.analysis"', '"gen.search"')
        site.clock.advance(LOOK_S)
        site.a.script[:] = [said("four")]
        await session.run("fourth")
        with pytest.raises(PolicyDenied, match="under a declaration that is not known here"):
            await other.run("fifth")


async def test_a_conversation_of_two_missions_goes_where_both_may(path: Path):
    second = path.read_text("utf-8") + '\n[missions.second]\ndeclaration = "second.toml"\nroute = ["a"]\n'
    path.write_text(second, "utf-8")
    declared = path.with_name("triage.toml").read_text("utf-8")
    path.with_name("second.toml").write_text(declared.replace('"triage"', '"second"'), "utf-8")
    org = path.with_name("org.toml").read_text("utf-8")
    head, approval = org.split("[[approvals]]")
    path.with_name("org.toml").write_text(
        f"{head}[[approvals]]{approval}\n[[approvals]]{approval.replace('triage', 'second')}", "utf-8"
    )
    async with running(path) as site:
        site.a.script[:] = [said("one"), said("two")]
        await site.mission.session("case").run("first")

        told = await site.client.mission("second").session("case").run("second")

        assert told.text == "two"
        site.write("triage.toml", '"gen.draft"', '"force.engage"')
        site.clock.advance(LOOK_S)
        site.a.script[:] = [said("three")]
        with pytest.raises(PolicyDenied):
            await site.client.mission("second").session("case").run("third")
