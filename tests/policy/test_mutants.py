"""A few mutants of what decides, each in a process of its own, and each noticed. `make mutants` tries all of them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_STALE = """
import sys
sys.path.insert(0, "tests")
import mutants
there = {mutants.key_of(each) for each in mutants.all_of_evaluator()}
for one in mutants.equivalent():
    if (one["file"], one["what"], one["source"]) not in there:
        print(one)
    assert one["why"]
"""


def test_a_sample_of_mutants_is_noticed():
    few = ["policy", "--most", "3", "--seed", "7", "--unasked", "--only", "policy/waivers"]

    ran = subprocess.run(
        [sys.executable, "tests/mutants.py", *few], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "0 survived"), ran.stdout + ran.stderr


def test_every_mutant_that_is_called_equivalent_is_there_and_says_why():
    ran = subprocess.run([sys.executable, "-c", _STALE], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
