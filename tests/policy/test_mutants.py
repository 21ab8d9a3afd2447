"""A few mutants of what decides, and the run that tries them. `make mutants` tries all."""

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


def tried(*tests: str) -> subprocess.CompletedProcess[str]:
    """Four mutants of one file."""
    few = ["policy", "--most", "4", "--seed", "7", "--only", "policy/waivers", "--tests", *tests]
    command = [sys.executable, "tests/mutants.py", *few]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_sample_of_mutants_is_noticed():
    ran = tried("tests/policy/test_route.py")

    assert (ran.returncode, "4 caught" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_mutants_that_no_test_reaches_survive():
    ran = tried("tests/policy/test_lines.py")

    assert (ran.returncode, "4 survived" in ran.stdout) == (1, True), ran.stdout + ran.stderr


def test_tests_that_cannot_be_collected_notice_nothing():
    ran = tried("tests/policy/test_of_nothing.py")

    assert (ran.returncode, "without any mutant" in ran.stdout) == (2, True), ran.stdout + ran.stderr


def test_every_mutant_that_is_called_equivalent_is_there_and_says_why():
    ran = subprocess.run([sys.executable, "-c", _STALE], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
