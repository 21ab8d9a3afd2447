"""`make liars`: the suite, tried on vendors of which we know whether they are honest."""

import sys

from offramp_conformance.programs import run_program

if __name__ == "__main__":
    sys.exit(run_program("offramp_conformance.liars"))
