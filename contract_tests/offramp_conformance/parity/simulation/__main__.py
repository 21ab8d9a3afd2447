"""`python -m offramp_conformance.parity.simulation`: how often migrations pass that should not, or should."""

import sys

from offramp_conformance.programs import run_program

if __name__ == "__main__":
    sys.exit(run_program("offramp_conformance.parity.simulation"))
