"""No byte reaches a prohibited developer by LiteLLM: not by name, alias, fallback, environment or around the relay.

A process of its own plays the application. What arrives at the sink is counted at its socket.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from offramp_providers.engines.process import clean_environment
from offramp_providers.engines.supply_chain import installed_release
from support.long_tail import KEY, completion
from support.sink import Sink, answering, sink

pytestmark = pytest.mark.skipif(installed_release() is None, reason="the extra litellm is not installed")

ROOT = Path(__file__).parents[1]


def attack(way: str, there: Sink, other: Sink, folder: Path) -> dict[str, Any]:
    """What came of it, as the application saw it."""
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    ran = subprocess.run(
        [sys.executable, str(ROOT / "support" / "tail_attack.py"), way, there.url, other.url],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths},
        timeout=180,
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("plain-own-name", "Prohibited"),
        ("plain", "ConfigurationError"),
        ("alias", "ConfigurationError"),
        ("fallbacks", "ConfigurationError"),
        ("api_base", "ConfigurationError"),
        ("around", "ConfigurationError"),
    ],
)
def test_no_byte_and_no_connection_reaches_a_prohibited_developer(way: str, told: str, tmp_path: Path):
    with sink() as there, sink() as other:
        found = attack(way, there, other, tmp_path)

    assert found == {"told": told, "loaded": False}
    assert (there.connections, there.received, other.received) == (0, b"", b"")


@pytest.mark.parametrize("way", ["environment", "globals"])
def test_what_the_application_has_set_for_a_litellm_of_its_own_changes_nothing(way: str, tmp_path: Path):
    with sink() as there, answering(completion()) as other:
        found = attack(way, there, other, tmp_path)

    assert found["told"] == "answered"
    assert (there.connections, there.received) == (0, b"")
    assert KEY.encode() in other.received
    assert b"sk-of-the-environment" not in other.received
    assert b"claude" not in other.received


def test_the_process_gets_nothing_of_the_environment_but_what_it_needs_to_start():
    given = {"PATH": "/bin", "OPENAI_API_KEY": "k", "HTTPS_PROXY": "p", "LITELLM_MODE": "DEV", "PYTHONPATH": "x"}

    clean = clean_environment(given)

    assert clean["PATH"] == "/bin"
    assert (clean["LITELLM_MODE"], clean["LITELLM_LOCAL_MODEL_COST_MAP"]) == ("PRODUCTION", "True")
    assert not {"OPENAI_API_KEY", "HTTPS_PROXY", "PYTHONPATH"} & set(clean)


# The walls by themselves.

TRIES = {
    "python": "socket.create_connection(('127.0.0.1', other))",
    "name": "socket.getaddrinfo('vendor.example', 443)",
    "datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', other))",
    "local": "socket.socket(socket.AF_UNIX).connect('/tmp/nothing')",
    "process": "subprocess.run(['true'])",
    "shell": "os.system('true')",
}
SCRIPT = """
import os, socket, subprocess, sys
from offramp_providers.engines.walls import raise_walls
own, other = int(sys.argv[1]), int(sys.argv[2])
walls = raise_walls(own)
socket.create_connection(("127.0.0.1", own)).close()
{attempt}
"""


def behind_walls(attempt: str, own: Sink, other: Sink) -> "subprocess.CompletedProcess[str]":
    ports = [each.url.rpartition(":")[2] for each in (own, other)]
    script = SCRIPT.format(attempt=attempt)
    command = [sys.executable, "-I", "-c", script, *ports]  # without the tests' own guard, which would come first
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("attempt", TRIES)
def test_the_walls_hold_python(attempt: str):
    with sink() as own, sink() as other:
        ran = behind_walls(TRIES[attempt], own, other)

    assert "Refused" in ran.stderr
    assert (own.connections, other.connections) == (1, 0)


NATIVE = """
import ctypes, struct
kernel = ctypes.CDLL(None, use_errno=True)
there = kernel.socket(2, 1, 0)
address = struct.pack("=H", 2) + struct.pack("!H", other) + bytes([127, 0, 0, 1]) + bytes(8)
print(walls.kernel, kernel.connect(there, address, 16))
"""


def test_the_kernel_holds_native_code_where_it_can():
    with sink() as own, sink() as other:
        ran = behind_walls(NATIVE, own, other)

    held, _, connected = ran.stdout.strip().partition(" ")
    if held != "True":
        pytest.skip("this kernel has no Landlock with network rules (Linux 6.7 and newer)")
    assert (connected, other.connections) == ("-1", 0)
