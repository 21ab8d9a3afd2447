"""Break code in one small place at a time, and see whether its tests notice.

A survivor is a rule that no test reaches, or a change that makes no difference. Those that make none are listed with
the reason, in `equivalent_mutants/`. `make mutants` tries all of what decides on policy and of what follows an error;
`make mutants MUTANTS=gemini` a sample of what one dialect writes, and so on. The tests try a few. Leave the
files alone while it runs: it reads them again and again.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.mutant_fields import FIELDS, equivalent, key_of  # noqa: E402  # found there
from support.mutant_trials import TestsFail, fate_of, try_all  # noqa: E402
from support.mutation import Mutant  # noqa: E402


def main() -> int:
    """Try a sample of each field; 1 where something survived, 2 where the tests fail without any mutant."""
    options = _options()
    os.chdir(ROOT)
    try:
        survived = [_try_field(name, options) for name in options.fields or FIELDS]
    except TestsFail as error:
        print(error)  # noqa: T201  # a command line
        return 2
    return int(any(survived))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fields", nargs="*", help=f"which code, of {', '.join(FIELDS)}; all where none is named")
    parser.add_argument("--most", type=int, help="how many mutants of each field to try; 0 for all")
    parser.add_argument("--seed", type=int, default=0, help="which of them")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--only", default="", help="part of the path of the files to change")
    parser.add_argument("--tests", nargs="+", help="arguments of pytest, in place of the field's own")
    parser.add_argument("--equivalent", action="store_true", help="try those that are said to make no difference")
    parser.add_argument("--verbose", action="store_true", help="say of each which test has noticed it")
    return parser.parse_args()


def _try_field(name: str, options: argparse.Namespace) -> int:
    """How many survived; of equivalent ones, how many did not."""
    began, counts, surprising = time.monotonic(), Counter[str](), "caught" if options.equivalent else "survived"
    everything = [each for each in FIELDS[name].mutants() if options.only in str(each.path)]
    chosen = _chosen(name, everything, options)
    print(f"{name}: {len(chosen)} of {len(everything)} mutants", flush=True)  # noqa: T201
    for trial in try_all(chosen, options.tests or FIELDS[name].tests, jobs=options.jobs):
        fate = fate_of(trial)
        counts[fate] += 1
        if fate in (surprising, "hung") or options.verbose:
            print(f"{fate}: {trial.mutant} {trial.noticed_by or ''}", flush=True)  # noqa: T201
    fates = ", ".join(f"{counts[fate]} {fate}" for fate in ("caught", "unloadable", "hung", "survived"))
    same = sum(key_of(each) in equivalent(name) for each in everything)
    print(f"{name}: {fates}, {same} equivalent; {(time.monotonic() - began) / 60:.1f} min", flush=True)  # noqa: T201
    return counts["survived"] if not options.equivalent else len(chosen) - counts["survived"]


def _chosen(name: str, everything: Sequence[Mutant], options: argparse.Namespace) -> list[Mutant]:
    listed = equivalent(name)
    asked = [each for each in everything if (key_of(each) in listed) is options.equivalent]
    most = FIELDS[name].most if options.most is None else options.most
    return random.Random(options.seed).sample(asked, min(most or len(asked), len(asked)))  # noqa: S311  # no secret


if __name__ == "__main__":
    raise SystemExit(main())
