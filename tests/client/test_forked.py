"""A forked child leaves the connections alone that its parent keeps open: both go on, whoever ends first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

# The child ends as a program does, so that all it has inherited is taken apart.
FORKS = """
import os, sys, warnings
from offramp import Client

warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of forks with threads; this is the very case
with Client.from_file("offramp.toml") as client:
    mission = client.mission("triage")
    {before}
    child = os.fork()
    if not child:
        {child}
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    {after}
    print("the parent goes on")
"""
ASKS = 'assert mission.generate("[[text:4]] hello", timeout_s=10).text'
OPENS = 'stream = mission.stream("[[text:400]] hello"); texts = iter(stream.__enter__().text); next(texts)'
READS = "assert len(list(texts)) > 100; stream.__exit__(None, None, None)"


@pytest.mark.parametrize(
    ("before", "child", "after"),
    [(ASKS, ASKS, ASKS), (ASKS, "pass", ASKS), (OPENS, ASKS, READS), (OPENS, "pass", READS)],
    ids=["idle-used", "idle-unused", "open-used", "open-unused"],
)
def test_a_child_that_ends_takes_no_connection_from_its_parent(emulated: Path, before: str, child: str, after: str):
    program = FORKS.format(before=before, child=child, after=after)

    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=emulated,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (0, "the parent goes on\n"), ran.stderr
    assert "Traceback" not in ran.stderr
