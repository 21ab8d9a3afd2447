"""A send that was permitted under a contract that was not in force is told, by the log alone or by the files."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp import AsyncClient, ProviderError, ProviderErrorKind, load_config
from offramp.audit import DecisionLog, policy_entry, verify
from offramp.cli.app import run
from offramp.config import endpoint_of
from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.contracts.document_facts import DocumentFacts, DocumentLayer, facts_from
from offramp.contracts.scripted import ScriptedProvider
from offramp.policy import facts_of, load_any
from support.deployment import write_deployment

END = Entry("outcome", endpoint="a", call_id="c-1")
TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))


def facts(name: str, layer: DocumentLayer, *applies_to: str, **given: object) -> DocumentFacts:
    """A file that is in force for years; its digest is its name."""
    plain = {"series": name, "first": date(2026, 1, 1), "last": date(2027, 1, 1), "governs": True}
    return DocumentFacts(name.ljust(64, "0"), layer=layer, applies_to=applies_to, **{**plain, **given})  # type: ignore[arg-type]  # fields of it


FLOOR = facts("f100", "floor", last=None)
OWNER = facts("d100", "declaration", governs=False)
BOARD = facts("b100", "organisation")
TERMS = facts("a100", "vendor", "developer:acme")
DEAL = facts("e100", "agreement", "agreement:gov-1")
CLOUD = facts("c100", "channel", "host:cloud")
SOUND = (FLOOR, OWNER, BOARD, TERMS, CLOUD)


def problems(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, files: Sequence[DocumentFacts], **given: object
) -> list[str]:
    """What is wrong with a log of one call that was permitted under these files."""
    log.append(policy_entry(files))
    log.append(replace(permitted, digests=tuple(each.sha256 for each in files)), sent, END)
    return [f"{each.kind}: {each.what}" for each in verify(folder, **given).problems]  # type: ignore[arg-type]  # as named


def test_an_allow_under_files_in_force_is_sound(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    assert problems(folder, log, permitted, sent, SOUND) == []


ENDED: dict[str, date] = {"last": YESTERDAY}
NOT_BEGUN: dict[str, date] = {"first": TOMORROW}


@pytest.mark.parametrize(
    ("stale", "dates"),
    [
        *((stale, ENDED) for stale in (OWNER, BOARD, TERMS, CLOUD, FLOOR)),
        *((stale, NOT_BEGUN) for stale in (OWNER, BOARD, TERMS)),
    ],
)
def test_an_allow_under_what_was_not_in_force_is_told(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, stale: DocumentFacts, dates: dict[str, date]
):
    outside = replace(stale, **dates)  # type: ignore[arg-type]  # fields of it
    files = [outside if each.sha256 == stale.sha256 else each for each in SOUND]

    found = problems(folder, log, permitted, sent, files)

    assert [each.partition(":")[0] for each in found] == ["not_in_force"]


@pytest.mark.parametrize("later", [CLOUD, FLOOR])
def test_a_channel_or_a_floor_that_has_not_begun_binds_nobody_yet(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, later: DocumentFacts
):
    files = [replace(each, first=TOMORROW) if each is later else each for each in SOUND]

    assert problems(folder, log, permitted, sent, files) == []


@pytest.mark.parametrize("layer", ["floor", "declaration", "organisation", "vendor", "channel"])
@pytest.mark.parametrize("edge", [{"first": TODAY}, {"last": TODAY}])
def test_the_first_day_and_the_last_are_in_force(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, layer: str, edge: dict[str, date]
):
    files = [replace(each, **edge) if each.layer == layer else each for each in SOUND]  # type: ignore[arg-type]  # fields

    assert problems(folder, log, permitted, sent, files) == []


def test_an_agreement_in_force_stands_for_terms_that_ended(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry
):
    files = [*SOUND[:3], replace(TERMS, last=YESTERDAY), DEAL]

    assert problems(folder, log, permitted, sent, files) == []


def test_an_agreement_that_ended_does_not(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    files = [*SOUND[:3], replace(TERMS, last=YESTERDAY), replace(DEAL, last=YESTERDAY)]

    assert len(problems(folder, log, permitted, sent, files)) == 1


def test_a_public_statement_permits_nothing(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    files = [*SOUND[:3], replace(TERMS, governs=False)]

    assert "no terms of the vendor" in problems(folder, log, permitted, sent, files)[0]


def test_terms_of_another_bind_nobody_here(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    other = facts("9", "vendor", "developer:bolt", last=YESTERDAY)

    assert problems(folder, log, permitted, sent, [*SOUND, other]) == []


def test_the_latest_version_of_a_document_is_meant(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    old = replace(TERMS, sha256="8" * 64, first=date(2025, 1, 1), last=YESTERDAY)

    assert problems(folder, log, permitted, sent, [*SOUND, old]) == []


def test_a_decision_just_before_midnight_may_be_written_just_after(folder: Path, permitted: Entry, sent: Entry):
    files = [replace(each, last=YESTERDAY) if each.layer == "declaration" else each for each in SOUND]
    for second, wrong in ((59, 0), (61, 1)):
        clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=second))
        log = DecisionLog(folder / str(second), clock=clock)

        assert len(problems(folder / str(second), log, permitted, sent, files)) == wrong


def test_files_at_hand_are_believed_before_the_log(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    true = replace(TERMS, last=YESTERDAY)

    found = problems(folder, log, permitted, sent, SOUND, documents=[true])

    assert [each.partition(":")[0] for each in found] == ["not_in_force", "not_in_force"]
    assert "not what it says" in found[0]


def test_two_tales_of_one_file_are_told(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    log.append(policy_entry([replace(TERMS, last=date(2030, 1, 1))]))

    assert "not what it says" in problems(folder, log, permitted, sent, SOUND)[0]


def test_a_file_that_nothing_tells_of_is_told(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    log.append(policy_entry(SOUND))
    log.append(replace(permitted, digests=(*(each.sha256 for each in SOUND), "7" * 64)), sent, END)

    assert [each.what for each in verify(folder).problems] == [
        "a send was permitted under a policy file that nothing tells of"
    ]


def test_a_log_that_tells_of_no_file_is_not_judged_and_says_so(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry
):
    log.append(permitted, sent, END)

    assert (verify(folder).problems, verify(folder).unjudged) == ((), 1)
    digests = [replace(each, sha256=permitted.digests[0]) for each in (BOARD,)]
    assert "no declaration" in verify(folder, documents=digests).problems[0].what


@pytest.mark.parametrize("word", ["", "vendor;x;y", "vendor;x;2026-01-01;-;rules;-", "king;x;2026-01-01;-;governs;-"])
def test_a_word_that_tells_nothing_is_a_problem(folder: Path, log: DecisionLog, word: str):
    log.append(Entry("policy", detail={"1" * 64: word or "-"}))

    assert [each.kind for each in verify(folder).problems] == ["altered"]


@given(
    st.builds(
        DocumentFacts,
        st.just("1" * 64),
        series=st.text("0123456789abcdef", min_size=1),
        first=st.dates(),
        last=st.none() | st.dates(),
        applies_to=st.lists(st.text(min_size=1).map("developer:{}".format), max_size=3).map(tuple),
    )
)
def test_the_word_of_a_file_has_no_white_space_and_can_be_read_back(made: DocumentFacts):
    assert facts_from(made.sha256, made.word) == made
    assert not any(letter.isspace() for letter in made.word)


async def test_a_running_client_tells_the_log_what_its_decisions_rest_on(tmp_path: Path):
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    config = load_config(path)
    vendors = {name: ScriptedProvider(replace(endpoint_of(config, name), key=lambda: None)) for name in ("a", "b")}
    vendors["a"].script[:] = [ProviderError("no", kind=ProviderErrorKind.INVALID_REQUEST)] * 2
    async with AsyncClient(config, providers=vendors) as client:
        for _ in range(2):
            with pytest.raises(ProviderError):
                await client.mission("triage").generate("hi")

    found = verify(tmp_path / "audit")

    assert (found.problems, found.unjudged) == ((), 0)
    lines = [line for file in (tmp_path / "audit").glob("*.jsonl") for line in file.read_text().splitlines()]
    assert sum('"kind":"policy"' in line for line in lines) == 1


def test_the_command_holds_the_log_against_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = write_deployment(tmp_path)
    terms = facts_of(load_any(path.with_name("acme.toml")))
    log = DecisionLog(tmp_path / "audit")
    log.append(policy_entry([replace(terms, last=date(2099, 1, 1))]))
    log.close()

    plain = run(["audit", "verify", str(tmp_path / "audit")])
    against = run(["audit", "verify", str(tmp_path / "audit"), "--policy", str(tmp_path)])

    assert (plain, against) == (3, 1)
    assert "is not what it says" in capsys.readouterr().out.replace("\n", " ")
