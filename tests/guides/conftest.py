"""A reader in an empty folder, with keys, and with emulated vendors where the configuration names real ones."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from support.guide import Reader

KEY = "a-key-for-rehearsals"
DIALECTS = {"anthropic": "anthropic_messages", "openai": "openai_chat"}
PATHS = {"anthropic": "", "openai": "/v1"}


@dataclass(frozen=True)
class Emulated:
    """An emulated vendor as a process."""

    base_url: str
    admin: str

    def pace(self, pace_s: float) -> None:
        """From now on, the mean pause between two events of a stream."""
        body = json.dumps({"pace_s": pace_s})
        connection = HTTPConnection(self.admin.removeprefix("http://"), timeout=10)
        connection.request("POST", "/behaviour", body, {"content-type": "application/json"})
        assert connection.getresponse().status == 200
        connection.close()


@contextmanager
def emulated(vendor: str) -> Iterator[Emulated]:
    options = ["--dialect", DIALECTS[vendor], "--key", KEY, "--issuer", vendor, "--pace", "0"]
    command = [sys.executable, "-m", "offramp_providers.emulator", *options, "--end-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready, admin = (process.stdout.readline().split()[1] for _ in range(2))
        yield Emulated(ready + PATHS[vendor], admin)
        process.terminate()


@pytest.fixture
def vendors() -> Iterator[dict[str, Emulated]]:
    with ExitStack() as stack:
        yield {vendor: stack.enter_context(emulated(vendor)) for vendor in DIALECTS}


@pytest.fixture
def reader(tmp_path: Path, vendors: dict[str, Emulated]) -> Iterator[Reader]:
    folder = tmp_path / "mission"
    folder.mkdir()
    addresses = {name: vendor.base_url for name, vendor in vendors.items()}

    def before(folder: Path, command: str) -> None:
        point_to(folder, addresses)
        if command.endswith("&"):  # in the middle of its answer for as long as the next commands take
            vendors["anthropic"].pace(1.0)
        elif command.startswith(("python", "offramp drill")):
            vendors["anthropic"].pace(0.03)

    made = Reader(folder, environment(), before=before)
    yield made
    made.close()


def environment() -> dict[str, str]:
    """As after the installation: `offramp` and `python` are found, and the keys are set."""
    bin_folder = Path(sys.executable).parent
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PYTHONPATH", "TMPDIR") if name in os.environ}
    keys = {"ANTHROPIC_API_KEY": KEY, "OPENAI_API_KEY": KEY}
    return {**kept, **keys, "PATH": f"{bin_folder}:/usr/bin:/bin", "PYTHONWARNINGS": "error"}


def point_to(folder: Path, addresses: dict[str, str]) -> None:
    """Give every endpoint without an address that of its vendor's emulator."""
    file = folder / "offramp.toml"
    if not file.exists():
        return
    text = file.read_text()
    for vendor, address in addresses.items():
        line = f'vendor = "{vendor}"\n'
        text = text.replace(line, f'base_url = "{address}"\n{line}') if address not in text else text
    if text != file.read_text():
        file.write_text(text)
