"""A newcomer: from an empty folder to a first answer, and what is said of a use that is excluded. All by commands."""

import json
import os
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

KEY = "k-newcomer"
FIRST = """\
from offramp import Client

with Client.from_file("offramp.toml") as client:
    print(client.mission("plain").generate("SECRET-PROMPT: say hello.").text)
"""
EXCLUDED = {
    '"gen.draft", ': '"surv.profile.bulk", ',
    'population = "none"': 'population = "domestic"',
    'scale = "none"': 'scale = "mass"',
}


@dataclass
class Emulator:
    """A vendor's emulator in a process of its own."""

    url: str
    admin: str

    def requests(self) -> int:
        """How many have begun."""
        with urllib.request.urlopen(f"{self.admin}/counters", timeout=30) as answer:  # noqa: S310  # loopback
            counted: int = json.load(answer)["requests_begun"]
        return counted


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    command = [sys.executable, "-m", "offramp_providers.emulator", "--dialect", "anthropic_messages", "--key", KEY]
    with subprocess.Popen([*command, "--end-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = dict(process.stdout.readline().decode().split() for _ in range(2))
        yield Emulator(told["READY"], told["ADMIN"])
        process.terminate()


@dataclass
class Newcomer:
    """Somebody at a shell, in a folder that was empty."""

    folder: Path
    commands: int = 0

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """One command, in a process of its own."""
        self.commands += 1
        environment = {**os.environ, "ANTHROPIC_API_KEY": KEY, "COLUMNS": "200"}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def offramp(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(Path(sys.executable).with_name("offramp")), *arguments)

    def program(self) -> subprocess.CompletedProcess[str]:
        """Their own application."""
        (self.folder / "first.py").write_text(FIRST)
        return self.run(sys.executable, "first.py")


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    folder = tmp_path / "empty"
    folder.mkdir()
    return Newcomer(folder)


def test_from_an_empty_folder_to_a_first_answer_in_five_commands_and_no_toml_by_hand(
    newcomer: Newcomer, emulator: Emulator
):
    begun = newcomer.offramp("init", "--vendor", "anthropic", "--base-url", f"anthropic={emulator.url}")
    approved = newcomer.offramp("policy", "new", "anthropic")
    checked = newcomer.offramp("check")
    answered = newcomer.program()

    assert [one.returncode for one in (begun, approved, checked, answered)] == [0, 0, 0, 0], answered.stderr
    assert newcomer.commands <= 5
    assert "nothing to write: each mission with anthropic on its route is approved there" in approved.stdout
    assert "plain is carried by anthropic." in checked.stdout
    assert answered.stdout.strip()
    assert emulator.requests() == 1


def test_an_excluded_use_is_told_by_clause_and_document_and_who_could_change_it(newcomer: Newcomer, emulator: Emulator):
    newcomer.offramp("init", "--vendor", "anthropic", "--base-url", f"anthropic={emulator.url}")
    declaration = newcomer.folder / "plain.toml"
    for plain, excluded in EXCLUDED.items():
        assert plain in declaration.read_text()
        declaration.write_text(declaration.read_text().replace(plain, excluded))

    explained = newcomer.offramp("policy", "explain", "plain", "--json")
    told = newcomer.offramp("policy", "explain", "plain", "--for", "manager")
    answered = newcomer.program()

    reasons = {each["clause"]: each for each in json.loads(explained.stdout)["decisions"][0]["reasons"]}
    floor, vendor = reasons["E1"], reasons["mass-surveillance"]
    assert (explained.returncode, told.returncode) == (1, 1)
    assert (floor["document"], floor["section"]) == ("Offramp floor 1", "first exclusion")
    assert floor["mend"].startswith("nobody: the floor is above every agreement")
    assert vendor["document"] == "Anthropic Usage Policy 2026-11-12"
    assert vendor["section"]
    assert vendor["mend"].startswith("Anthropic, by an agreement that supersedes")
    assert (
        "Against it: No mass surveillance of the people of one's own state (E1, Offramp floor 1, first" in told.stdout
    )
    assert "Who could change it: nobody: the floor is above every agreement" in told.stdout
    assert answered.returncode == 1
    assert "PolicyDenied" in answered.stderr
    assert "Offramp floor 1" in answered.stderr
    assert emulator.requests() == 0


def test_explain_shows_nothing_of_what_was_said(newcomer: Newcomer, emulator: Emulator):
    newcomer.offramp("init", "--vendor", "anthropic", "--base-url", f"anthropic={emulator.url}")
    assert newcomer.program().returncode == 0

    shown = [newcomer.offramp("policy", "explain", "plain", "--for", who) for who in ("lawyer", "manager", "engineer")]

    assert all(one.returncode == 0 and one.stdout for one in shown)
    assert not [one for one in shown if "SECRET-PROMPT" in one.stdout + one.stderr]


def test_a_vendor_whose_terms_nobody_has_read_denies_until_somebody_has(newcomer: Newcomer):
    newcomer.offramp("init", "--vendor", "cohere")
    before = newcomer.offramp("policy", "explain", "plain", "--for", "manager")

    begun = newcomer.offramp("policy", "new", "cohere")
    after = newcomer.offramp("policy", "explain", "plain", "--json")

    assert "offramp policy new cohere" in before.stdout
    assert "wrote cohere-terms.toml: terms of cohere that deny until somebody has read them" in begun.stdout
    config = tomllib.loads((newcomer.folder / "offramp.toml").read_text())
    assert config["policy"] == ["organisation.toml", "cohere-terms.toml"]
    assert after.returncode == 1
    reasons = json.loads(after.stdout)["decisions"][0]["reasons"]
    assert [each["clause"] for each in reasons] == ["unread", None]

    fill_in(newcomer.folder / "cohere-terms.toml")

    assert newcomer.offramp("policy", "explain", "plain").returncode == 0


def fill_in(file: Path) -> None:
    """What the lawyer does: the example of a permit is taken up, and the clause `unread` goes."""
    text = file.read_text()
    start, end = text.index("# [[clauses]]"), text.index("# A forbid with an exception")
    permit = "\n".join(line.removeprefix("# ") for line in text[start:end].splitlines())
    file.write_text(text[: text.rindex("[[clauses]]")] + permit)
