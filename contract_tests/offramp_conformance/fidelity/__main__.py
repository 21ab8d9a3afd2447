"""`make fidelity`: how much of recorded traffic passes through the dialects exactly."""

import sys

from offramp_conformance.programs import run_program

if __name__ == "__main__":
    sys.exit(run_program("offramp_conformance.fidelity"))
