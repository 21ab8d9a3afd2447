"""A client that nobody has closed is closed with its process, and nothing waits for it."""

import subprocess
import sys
from pathlib import Path

OPENS = """
import threading
from offramp import Client

client = Client.from_file("offramp.toml")
mission = client.mission("triage")
"""
ASKS = OPENS + 'print(bool(mission.generate("hello").text))\n'
STREAMS = (
    OPENS
    + """
first = threading.Event()

def read():
    for _ in mission.stream("[[text:9000]] hello").__enter__().text:
        first.set()

threading.Thread(target=read, daemon=True).start()
print(first.wait(30))
"""
)


def test_a_client_that_is_left_open_is_closed_without_a_word(emulated: Path):
    ran = ended(emulated, ASKS)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True\n", "")


def test_a_stream_that_another_thread_reads_keeps_no_process_from_ending(emulated: Path):
    ran = ended(emulated, STREAMS)

    assert (ran.returncode, ran.stdout) == (0, "True\n")
    assert "Unclosed" not in ran.stderr  # the thread may say that it was cut off


def ended(emulated: Path, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=emulated,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
