"""Beside each file of the log stand checkpoints: its size and its Merkle root, in a note that anyone can verify."""

import base64
import hashlib
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from offramp.audit import Checkpointing, DecisionLog, signed_by
from offramp.audit.checkpointer import Checkpointer
from offramp.audit.checkpoints import Checkpoint, Note, log_file_of, origin_of, read_notes, write_notes
from offramp.contracts.audit import Entry
from offramp.ed25519 import make_key_pair
from offramp.errors import ConfigurationError, StateError
from support import merkle_oracle as oracle

NEVER = 3600.0


def notes_text(folder: Path) -> str:
    (file,) = folder.glob("*.checkpoints")
    return file.read_text()


def lines_of(folder: Path) -> list[bytes]:
    (file,) = folder.glob("*.jsonl")
    return file.read_bytes().split(b"\n")[:-1]


def leaves_of(folder: Path) -> list[bytes]:
    """What the tree stands over: each line up to the hash that it bears."""
    return [line.split(b',"hash":')[0] for line in lines_of(folder)]


def test_closing_leaves_a_checkpoint_over_every_line(folder: Path, log: DecisionLog, refused: Entry):
    for _ in range(9):
        log.append(refused)
    log.close()

    (note,) = read_notes(notes_text(folder).encode())
    leaves = leaves_of(folder)
    assert (note.checkpoint.size, note.checkpoint.root) == (len(leaves), oracle.head(leaves))
    assert note.checkpoint.origin == origin_of(next(folder.glob("*.jsonl")).name)
    assert note.signatures == ()


def test_every_so_many_records_there_is_a_checkpoint(folder: Path, refused: Entry, monkeypatch: pytest.MonkeyPatch):
    noted, note = threading.Event(), Checkpointer.note
    monkeypatch.setattr(Checkpointer, "note", lambda self: (note(self), noted.set()))
    log = DecisionLog(folder, checkpointing=Checkpointing(every_records=3, every_s=NEVER))
    log.append(refused)
    assert not list(folder.glob("*.checkpoints"))

    log.append(refused)
    assert noted.wait(30)

    assert read_notes(notes_text(folder).encode())[-1].checkpoint.size == 3


def test_as_time_passes_there_is_a_checkpoint(folder: Path, refused: Entry, monkeypatch: pytest.MonkeyPatch):
    written, write = threading.Event(), Checkpointer._write
    monkeypatch.setattr(Checkpointer, "_write", lambda self: (write(self), written.set()))
    log = DecisionLog(folder, checkpointing=Checkpointing(every_records=10**6, every_s=0.01))

    log.append(refused)

    assert written.wait(30)


def test_each_checkpoint_goes_on_from_the_one_before(folder: Path, log: DecisionLog, refused: Entry):
    for _ in range(5):
        log.append(refused)
        log.checkpoint()
    log.close()

    leaves, notes = leaves_of(folder), read_notes(notes_text(folder).encode())
    sizes = [note.checkpoint.size for note in notes]
    assert sizes == [3, 5, 7, 9, 11, 12]
    assert [note.checkpoint.root for note in notes] == [oracle.head(leaves[:size]) for size in sizes]


def test_a_line_bears_the_hash_of_its_leaf(folder: Path, log: DecisionLog, refused: Entry):
    log.append(refused)
    log.close()

    for line, leaf in zip(lines_of(folder), leaves_of(folder), strict=True):
        assert line == leaf + b',"hash":"%b"}' % oracle.head([leaf]).hex().encode()


def test_a_signed_checkpoint_is_a_note_as_c2sp_has_it(folder: Path, tmp_path: Path, refused: Entry):
    """Taken apart and verified here by the letter of the specification, with none of our code."""
    public = base64.b64decode(make_key_pair(tmp_path / "audit.key"))
    log = DecisionLog(folder, checkpointing=signed_by(tmp_path / "audit.key"))
    log.append(refused)
    log.close()

    text, _, signatures = notes_text(folder).removesuffix("\n").rpartition("\n\n")
    dash, name, encoded = signatures.removesuffix("\n").split(" ")
    signature = base64.b64decode(encoded)
    origin, size, root = text.split("\n")
    leaves = leaves_of(folder)
    assert (dash, name, size) == ("—", origin, str(len(leaves)))
    assert base64.b64decode(root) == oracle.head(leaves)
    assert signature[:4] == hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], f"{text}\n".encode())


def test_a_note_is_signed_by_its_key_alone_and_over_its_own_text(folder: Path, tmp_path: Path, refused: Entry):
    own, other = (base64.b64decode(make_key_pair(tmp_path / f"{name}.key")) for name in ("own", "other"))
    log = DecisionLog(folder, checkpointing=signed_by(tmp_path / "own.key"))
    log.append(refused)
    log.close()

    (note,) = read_notes(notes_text(folder).encode())
    larger = Note(Checkpoint(note.checkpoint.origin, 99, note.checkpoint.root), note.signatures)
    assert (note.is_signed_by(own), note.is_signed_by(other)) == (True, False)
    assert not larger.is_signed_by(own)


def test_a_checkpoint_that_cannot_be_written_stops_no_call_and_closing_tells(
    folder: Path, log: DecisionLog, refused: Entry
):
    log.append(refused)
    assert log.path is not None
    log.path.with_suffix(".checkpoints").mkdir()

    log.append(refused)
    with pytest.raises(StateError, match="checkpoint of the decision log could not be written"):
        log.close()

    assert len(lines_of(folder)) == 4


def test_a_log_that_nobody_holds_ends_its_thread(folder: Path, refused: Entry):
    log = DecisionLog(folder)
    log.append(refused)
    own = next(iter(log._processes.values())).file
    assert own is not None
    thread = own.checkpoints._thread

    del log

    thread.join(30)
    assert not thread.is_alive()


def test_a_key_that_cannot_be_read_is_told_before_anything_is_written(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        signed_by(tmp_path / "nowhere.key")


NAMES = st.from_regex(r"[!-*,-~]{1,20}", fullmatch=True)
NOTES = st.builds(
    Note,
    st.builds(Checkpoint, NAMES, st.integers(0, 10**18), st.binary(min_size=32, max_size=32)),
    st.lists(st.tuples(NAMES, st.binary(min_size=5, max_size=80)), max_size=3).map(tuple),
)


@given(notes=st.lists(NOTES, max_size=5))
def test_notes_are_read_as_they_were_written(notes: list[Note]):
    assert list(read_notes(write_notes(notes))) == notes


@given(notes=st.lists(NOTES, min_size=1, max_size=3), data=st.data())
def test_a_file_that_was_cut_gives_none_but_its_own_heads(notes: list[Note], data: st.DataObject):
    whole = write_notes(notes)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    try:
        left = read_notes(cut)
    except ValueError:
        return

    assert [note.checkpoint for note in left] == [note.checkpoint for note in notes[: len(left)]]


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"origin\n1\nshort\n\n",
        b"origin\n01\n" + b"A" * 43 + b"=\n\n",
        b"an origin\n1\n" + b"A" * 43 + b"=\n\n",
        "— name AAAA\n\n".encode(),
        b"origin\n1\n" + b"A" * 43 + "=\n\n— name\n".encode(),
        b"\xff\n",
    ],
)
def test_what_is_no_note_is_refused(content: bytes):
    with pytest.raises(ValueError, match=r"checkpoint|signature|decode|end"):
        read_notes(content)


@pytest.mark.parametrize("origin", ["elsewhere/x.jsonl", "offramp-audit/", "offramp-audit/../x", "offramp-audit/a\\b"])
def test_another_log_s_origin_names_no_file(origin: str):
    assert log_file_of(origin) is None
