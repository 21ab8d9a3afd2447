"""A few mutants of what decides, each in a process of its own, and each noticed. `make mutants` tries all of them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_STALE = """
import sys
sys.path.insert(0, "tests")
from support.mutant_fields import EQUIVALENT, FIELDS, equivalent, key_of
for path in EQUIVALENT.glob("*.toml"):
    there = {key_of(each) for each in FIELDS[path.stem].mutants()}
    for key, why in equivalent(path.stem).items():
        assert why
        if key not in there:
            print(path.stem, key)
"""


def test_a_sample_of_mutants_is_noticed():
    few = ["waivers", "--most", "4", "--seed", "7"]

    ran = subprocess.run(
        [sys.executable, "tests/mutants.py", *few], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, "4 caught, 0 unloadable" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_every_mutant_that_is_called_equivalent_is_there_and_says_why():
    ran = subprocess.run([sys.executable, "-c", _STALE], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
