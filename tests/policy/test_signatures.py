"""Signed policy files: what was tampered with, swapped, rolled back or signed by the wrong key is refused."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.policy_memory import Accepted, ForgetfulMemory
from offramp.errors import ConfigurationError, StateError
from offramp.policy import Loaded, Unreadable, contract_from, declaration_from, load_signers, signature_path
from offramp.policy.plain import contract_template, plain_declaration
from offramp.state.policy_memory import FilePolicyMemory
from support.signers import ALL, TODAY, Desk, desk, key, signer

FIRST = contract_template()
SECOND = FIRST.replace("No decision about a person", "No decision at all about a person")
DECLARATION = plain_declaration("triage", on=date(2026, 1, 1))


def read(at: Desk, name: str = "acme.toml") -> Loaded[Any] | Unreadable:
    return at.reader().read(contract_from, Path(name))


def rewrite(file: Path, **parts: object) -> None:
    """Change keys of a signature file, as somebody without a key could."""
    path = signature_path(file)
    path.write_text(json.dumps({**json.loads(path.read_text()), **parts}))


def refusal(found: Loaded[Any] | Unreadable) -> str:
    assert isinstance(found, Unreadable)
    return found.what


def test_a_signed_file_says_who_signed_it(tmp_path: Path):
    at = desk(tmp_path)
    at.write("acme.toml", FIRST, "ann", "ben")

    found = read(at)

    assert isinstance(found, Loaded)
    assert (found.signed_by, found.instead_of) == (("ann", "ben"), None)


def test_an_unsigned_file_is_read_and_is_known_to_be_unsigned(tmp_path: Path):
    at = desk(tmp_path)
    at.write("acme.toml", FIRST)

    found = read(at)

    assert isinstance(found, Loaded)
    assert found.signed_by == ()


def test_an_unsigned_file_is_refused_where_signatures_are_required(tmp_path: Path):
    at = desk(tmp_path, required=True)
    at.write("acme.toml", FIRST)

    assert "it is not signed" in refusal(read(at))


@given(st.data())
def test_no_changed_byte_of_a_signed_file_is_accepted(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    at = desk(tmp_path_factory.mktemp("desk"))
    file = at.write("acme.toml", FIRST, "ann")
    raw = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))

    file.write_bytes(raw)

    assert isinstance(read(at), Unreadable)


@given(st.data())
def test_no_changed_word_of_a_signature_file_is_accepted(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    at = desk(tmp_path_factory.mktemp("desk"))
    file = at.write("acme.toml", FIRST, "ann")
    told = json.loads(signature_path(file).read_text())
    own = told["signatures"][0]
    where, name = data.draw(st.sampled_from([(told, each) for each in told] + [(own, each) for each in own]))
    changed = data.draw(
        st.integers(-3, 9) | st.text(max_size=9) | st.just("ben") | st.just([dict(own), dict(own)]) | st.none()
    )

    where[name] = changed
    signature_path(file).write_text(json.dumps(told))

    unchanged = name in ("schema", "revision") and str(changed) == "1"
    assert unchanged or isinstance(read(at), Unreadable)


def test_another_files_signature_does_not_hold(tmp_path: Path):
    at = desk(tmp_path)
    one, other = at.write("acme.toml", FIRST, "ann"), at.write("bolt.toml", SECOND, "ann")

    shutil.copy(signature_path(other), signature_path(one))

    assert "its signature is of 'bolt.toml'" in refusal(read(at))


def test_a_signed_file_in_the_place_of_another_is_refused(tmp_path: Path):
    at = desk(tmp_path)
    one, other = at.write("acme.toml", FIRST, "ann"), at.write("bolt.toml", SECOND, "ann")

    shutil.copy(other, one)
    shutil.copy(signature_path(other), signature_path(one))
    rewrite(one, document="acme.toml")

    assert "or the file was changed after it" in refusal(read(at))


def test_a_signature_of_another_key_under_a_trusted_name_is_refused(tmp_path: Path):
    at = desk(tmp_path)
    at.write("acme.toml", FIRST, "mallory")
    file = tmp_path / "acme.toml"
    told = json.loads(signature_path(file).read_text())
    rewrite(file, signatures=[{**told["signatures"][0], "by": "ann"}])

    assert "the signature is not ann's" in refusal(read(at))


def test_an_unknown_signer_is_refused(tmp_path: Path):
    at = desk(tmp_path)
    at.write("acme.toml", FIRST, "mallory")

    assert "'mallory' is not among those who may sign" in refusal(read(at))


def test_one_unknown_signer_beside_a_known_one_is_refused(tmp_path: Path):
    at = desk(tmp_path)
    at.write("acme.toml", FIRST, "ann", "mallory")

    assert "'mallory' is not among those who may sign" in refusal(read(at))


def test_a_signer_without_the_role_is_refused(tmp_path: Path):
    at = desk(tmp_path, signers={"ann": signer("ann", roles=("declaration", "channel"))})
    at.write("acme.toml", FIRST, "ann")

    assert "ann may not sign what has the role 'vendor'" in refusal(read(at))


def test_a_key_signs_nothing_after_its_last_day(tmp_path: Path):
    at = desk(tmp_path, signers={"ann": signer("ann", valid_until=TODAY)})
    file = at.write("acme.toml", FIRST)
    at.sign(file, "ann", at=datetime(2026, 11, 27, tzinfo=UTC))

    assert "the key of ann was valid until 2026-11-26" in refusal(read(at))


def test_a_backdated_signature_that_is_first_seen_after_the_keys_last_day_is_refused(tmp_path: Path):
    at = desk(tmp_path, signers={"ann": signer("ann", valid_until=TODAY)})
    at.write("acme.toml", FIRST, "ann")

    assert "the key of ann was valid until" in refusal(read(replace(at, today=date(2026, 11, 27))))


def test_what_was_accepted_in_time_outlives_its_key(tmp_path: Path):
    at = desk(tmp_path, signers={"ann": signer("ann", valid_until=TODAY)})
    at.write("acme.toml", FIRST, "ann")
    read(at)

    found = read(replace(at, today=date(2028, 1, 1)))

    assert isinstance(found, Loaded)
    assert found.instead_of is None


def test_a_file_that_was_rolled_back_is_refused_and_the_last_good_one_used(tmp_path: Path):
    at = desk(tmp_path)
    file = at.write("acme.toml", FIRST, "ann")
    old = (file.read_bytes(), signature_path(file).read_bytes())
    read(at)
    at.write("acme.toml", SECOND, "ann")
    read(at)

    file.write_bytes(old[0])
    signature_path(file).write_bytes(old[1])
    found = read(at)

    assert isinstance(found, Loaded)
    assert found.content == contract_from("acme.toml", SECOND.encode()).content
    assert found.instead_of is not None
    assert "rolled back to revision 1; revision 2 was accepted before" in found.instead_of.what


def test_two_texts_of_one_revision_are_not_both_accepted(tmp_path: Path):
    at = desk(tmp_path)
    file = at.write("acme.toml", FIRST, "ann")
    read(at)

    signature_path(file).unlink()
    at.write("acme.toml", SECOND, "ann")
    found = read(at)

    assert isinstance(found, Loaded)
    assert found.instead_of is not None
    assert "another text was accepted before as revision 1" in found.instead_of.what


TAMPERING: dict[str, Callable[[Path], object]] = {
    "was changed after it was signed": lambda file: file.write_text(SECOND),
    "its signature is gone": lambda file: signature_path(file).unlink(),
    "this is no signature file": lambda file: signature_path(file).write_text("{}"),
    "names nobody": lambda file: rewrite(file, signatures=[]),
    "this is not TOML": lambda file: file.write_text("layer = "),
    "cannot be read": lambda file: file.unlink(),
}


@pytest.mark.parametrize("words", TAMPERING)
def test_the_last_good_one_is_used_whatever_becomes_of_the_file(tmp_path: Path, words: str):
    at = desk(tmp_path)
    file = at.write("acme.toml", FIRST, "ann")
    before = read(at)

    TAMPERING[words](file)
    found = read(at)

    assert isinstance(before, Loaded)
    assert isinstance(found, Loaded)
    assert (found.content, found.sha256, found.signed_by) == (before.content, before.sha256, ("ann",))
    assert found.instead_of is not None
    assert words in found.instead_of.what


def test_the_last_good_one_of_a_signer_who_is_trusted_no_more_is_refused_too(tmp_path: Path):
    at = desk(tmp_path)
    at.write("acme.toml", FIRST, "ann")
    read(at)

    found = read(replace(at, signers={"ben": signer("ben")}))

    assert "'ann' is not among those who may sign" in refusal(found)


def test_a_second_signature_is_remembered_and_cannot_be_taken_off(tmp_path: Path):
    at = desk(tmp_path)
    file = at.write("acme.toml", FIRST, "ann")
    read(at)
    at.sign(file, "ben")
    read(at)

    file.unlink()
    found = read(at)

    assert isinstance(found, Loaded)
    assert found.signed_by == ("ann", "ben")


def test_a_command_that_only_looks_raises_no_memory(tmp_path: Path):
    at = desk(tmp_path)
    file = at.write("acme.toml", FIRST, "ann")

    at.reader(remember=False).read(contract_from, Path("acme.toml"))
    file.write_text(SECOND)

    assert isinstance(read(at), Unreadable)


def test_the_same_name_in_two_folders_is_two_documents(tmp_path: Path):
    at = desk(tmp_path)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    at.write("one/acme.toml", FIRST, "ann")
    at.write("two/acme.toml", SECOND, "ann")

    found = [read(at, f"{folder}/acme.toml") for folder in ("one", "two")]

    assert [isinstance(each, Loaded) and each.instead_of is None for each in found] == [True, True]


def test_one_key_under_two_names_is_refused(tmp_path: Path):
    file = tmp_path / "signers.toml"
    entry = f'public_key = "{key("ann")[1]}"\nvalid_until = 2027-01-01\nroles = ["waivers"]\n'
    file.write_text(f"[signers.ann]\n{entry}[signers.anna]\n{entry}")

    with pytest.raises(ConfigurationError, match="ann and anna have the same public key"):
        load_signers(file)


def test_a_role_that_is_not_known_is_named_with_its_line(tmp_path: Path):
    file = tmp_path / "signers.toml"
    file.write_text('[signers.ann]\npublic_key = "k"\nvalid_until = 2027-01-01\nroles = ["wavers"]\n')

    with pytest.raises(ConfigurationError) as caught:
        load_signers(file)

    assert caught.value.where == f"{file}:4"


def memory_of(folder: Path) -> FilePolicyMemory:
    return FilePolicyMemory.beside("sqlite:state.db", folder)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=8))
def test_the_memory_on_disk_remembers_as_the_one_in_the_process(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
):
    folder, model = tmp_path_factory.mktemp("memory"), ForgetfulMemory()
    for place, (document, revision) in enumerate(steps):
        one = Accepted(revision=revision, sha256=str(place), content="x", signatures="y")
        memory_of(folder).accept(document, one)
        model.accept(document, one)

    assert [memory_of(folder).accepted(each) for each in "abc"] == [model.accepted(each) for each in "abc"]


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "has vanished"),
        (lambda path: path.write_text("{}"), "is damaged"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    ],
)
def test_a_memory_that_was_harmed_refuses_everything(tmp_path: Path, harm: Callable[[Path], object], words: str):
    at = desk(tmp_path, memory=memory_of(tmp_path))
    at.write("acme.toml", FIRST, "ann")
    assert isinstance(read(at), Loaded)

    harm(tmp_path / "state.db.policy.json")

    assert words in refusal(read(at))


def test_a_memory_that_cannot_be_written_accepts_nothing_new(tmp_path: Path):
    at = desk(tmp_path, memory=FilePolicyMemory(tmp_path / "gone" / "memory.json"))
    at.write("acme.toml", FIRST, "ann")

    assert "cannot be locked" in refusal(read(at))
    with pytest.raises(StateError):
        at.memory.accept("acme.toml", None)  # type: ignore[arg-type]  # it fails before it looks


def test_every_kind_of_file_has_a_role(tmp_path: Path):
    at = desk(tmp_path, signers={"ann": signer("ann", roles=("declaration",))})
    at.write("triage.toml", DECLARATION, "ann")

    found = at.reader().read(declaration_from, Path("triage.toml"))

    assert isinstance(found, Loaded)
    assert found.signed_by == ("ann",)
    assert set(ALL) >= {"floor", "agreement", "organisation", "waivers"}
