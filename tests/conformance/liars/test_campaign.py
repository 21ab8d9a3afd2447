"""What is tried by `make liars`, what the trials add up to, and how it is shown."""

import json

import pytest
from rich.console import Console

from offramp import ConfigurationError
from offramp_conformance.liars.campaign import Job, Outcome, Report, jobs
from offramp_conformance.liars.command import main
from offramp_conformance.liars.lies import lies
from offramp_conformance.liars.matrix import show
from offramp_conformance.liars.variants import variants
from offramp_providers.emulator.config import DIALECTS

CAUGHT = Outcome(Job("always", "stop_ignored", "gemini"), "caught", ("parameters.stop.enforced",))
MISSED = Outcome(Job("rarely", "stop_ignored", "gemini"), "missed")
SEEN = Outcome(Job("rarely", "sorry", "gemini"), "seen")
SILENT = Outcome(Job("honest", "apt", "gemini"), "silent")
ALARM = Outcome(Job("variant", "drip", "gemini"), "false_alarm", ("text.answers",), reasons=("text.answers: none",))


def test_every_lie_is_tried_both_ways_and_every_honest_vendor():
    listed = list(jobs(every=False))

    for kind in ("always", "rarely"):
        tried = {each.id for each in listed if each.kind == kind}
        assert tried == {each.id for each in lies() if kind == "always" or not each.is_steady}
    assert {each.id for each in listed if each.kind == "variant"} == {each.id for each in variants()}
    assert {each.dialect for each in listed if each.kind == "honest"} == set(DIALECTS)


def test_all_are_tried_wherever_they_make_sense():
    listed = {(each.kind, each.id, each.dialect) for each in jobs(every=True)}

    assert {("always", each.id, dialect) for each in lies() for dialect in each.dialects} <= listed
    assert {("variant", each.id, dialect) for each in variants() for dialect in each.dialects} <= listed


def test_a_seed_and_a_kind_choose_what_is_tried():
    listed = list(jobs(every=False, kinds=("rarely",), seed=7))

    assert {(each.kind, each.seed) for each in listed} == {("rarely", 7)}


@pytest.mark.parametrize(
    ("outcomes", "is_sound"),
    [((CAUGHT, SILENT), True), ((CAUGHT, MISSED), False), ((SILENT, ALARM), False), ((CAUGHT, SEEN), False)],
)
def test_a_miss_an_alarm_or_a_lie_that_was_only_seen_is_not_sound(outcomes: tuple[Outcome, ...], is_sound: bool):
    assert Report(outcomes).is_sound is is_sound


def test_the_matrix_shows_who_was_caught_missed_and_wrongly_accused():
    out = Console(record=True, width=140, file=None, quiet=False, force_terminal=False)
    with out.capture() as captured:
        show(Report((CAUGHT, MISSED, SILENT, ALARM)), out)

    text = captured.get()
    assert "parameters.stop.enforced" in text
    assert "drip in gemini is honest, and accused: text.answers: none" in text
    assert "1 caught, 0 seen, 1 missed, 0 without a check, 1 false alarms in 2 honest trials" in text


def test_the_command_prints_each_trial_as_json(capsys: pytest.CaptureFixture[str]):
    code = main(["--only", "stop_ignored", "--workers", "1", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["sound"]
    assert [(each["kind"], each["verdict"]) for each in told["trials"]] == [("always", "caught"), ("rarely", "caught")]


def test_the_command_says_so_where_there_is_nothing_of_that_name():
    with pytest.raises(ConfigurationError, match="no lie or variant of that name"):
        main(["--only", "nothing"])
