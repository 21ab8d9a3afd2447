"""Alters a decision log as one would who can write its folder. It shares no code with what must find out.

    python log_surgery.py FOLDER OPERATION [KEY.pem]

Every operation but `bend` leaves a log whose lines bear right hashes and follow each other; where a key is given, new
checkpoints are signed with it, and without one the old ones go.
"""

import base64
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key


def bend(lines: list[bytes]) -> list[bytes]:
    """One word is changed, and nothing else."""
    return [line.replace(b"triage", b"sieved") for line in lines]


def edit(lines: list[bytes]) -> list[bytes]:
    return relink([line.replace(b"triage", b"sieved") for line in lines])


def cut(lines: list[bytes]) -> list[bytes]:
    return relink([*lines[:3], *lines[6:]])


def swap(lines: list[bytes]) -> list[bytes]:
    return relink([*lines[:1], *lines[4:7], *lines[1:4], *lines[7:]])


def append(lines: list[bytes]) -> list[bytes]:
    return relink([*lines[:-1], *lines[1:4], lines[-1]])


def truncate(lines: list[bytes]) -> list[bytes]:
    return lines[:-3]


def relink(lines: list[bytes]) -> list[bytes]:
    """Numbers and hashes made right again, from the first line to the last."""
    before, made = "0" * 64, []
    for number, line in enumerate(lines, start=1):
        record = {key: held for key, held in json.loads(line).items() if key not in ("hash", "prev")}
        record |= {"seq": number}
        body = json.dumps(record, separators=(",", ":"))[:-1] + f',"prev":"{before}"'
        before = sha256(b"\0" + body.encode()).hexdigest()
        made.append(f'{body},"hash":"{before}"}}'.encode())
    return made


def vouch(file: Path, lines: list[bytes], key: Path | None) -> None:
    """Put a checkpoint over all lines in the place of the old ones, or none."""
    notes = file.with_suffix(".checkpoints")
    notes.unlink(missing_ok=True)
    if key is None:
        return
    private: Any = load_pem_private_key(key.read_bytes(), None)
    name = f"offramp-audit/{file.name}"
    text = f"{name}\n{len(lines)}\n{base64.b64encode(head(lines)).decode()}\n"
    key_id = sha256(f"{name}\n\x01".encode() + private.public_key().public_bytes_raw()).digest()[:4]
    signature = base64.b64encode(key_id + private.sign(text.encode())).decode()
    notes.write_text(f"{text}\n— {name} {signature}\n\n", "utf-8")


def head(lines: list[bytes]) -> bytes:
    level = [sha256(b"\0" + line.split(b',"hash":')[0]).digest() for line in lines]
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [sha256(b"\1" + pair[0] + pair[1]).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0]


def main() -> None:
    folder, operation, *keys = sys.argv[1:]
    newest = max(Path(folder).glob("*.jsonl"))
    if operation == "drop":
        newest.unlink()
        newest.with_suffix(".checkpoints").unlink(missing_ok=True)
        return
    lines = newest.read_bytes().split(b"\n")[:-1]
    made = {"bend": bend, "edit": edit, "cut": cut, "swap": swap, "append": append, "truncate": truncate}[operation](
        lines
    )
    newest.write_bytes(b"".join(line + b"\n" for line in made))
    if operation != "bend":
        vouch(newest, made, Path(keys[0]) if keys else None)


if __name__ == "__main__":
    main()
